create or replace function wingman.find_candidates(seeker wingman.match_seekers, radius_miles integer)
returns table (candidate wingman.match_seekers, miles double precision)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- 69 miles are a little less than a degree of latitude
    _reach integer := ceil(find_candidates.radius_miles / 69.0 * 100)::integer;
    _seeker wingman.match_seekers := find_candidates.seeker;
begin
    return query
    select s, d.miles
    from wingman.match_seekers as s
    cross join lateral (
        select wingman.distance_miles(_seeker.grid_lat, _seeker.grid_lng, s.grid_lat, s.grid_lng)
    ) as d (miles)
    where s.pending_match_id is null
        and not s.paused
        and s.grid_lat between _seeker.grid_lat - _reach and _seeker.grid_lat + _reach
        and s.user_id <> _seeker.user_id
        and abs(s.level - _seeker.level) <= 1
        and d.miles <= least(find_candidates.radius_miles, s.max_travel_miles)
    order by d.miles, s.waiting_since, s.user_id;
end
$$;

comment on function wingman.find_candidates(wingman.match_seekers, integer) is
'Everybody free within the radius and their own travel distance, at most one experience level apart: closest first, then longer
waiting, then smaller id. Locks nothing; wingman.is_pair_open is asked by the caller, one by one.';
revoke all on function wingman.find_candidates(wingman.match_seekers, integer) from public, anon, authenticated, service_role;
