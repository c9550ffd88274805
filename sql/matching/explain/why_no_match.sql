create or replace function wingman.why_no_match(max_radius_miles integer, user_id uuid)
returns public.no_match_explanation
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
declare
    _me uuid;
    _seeker wingman.matchmaking_pool;
    _radius integer;
    _near bigint;
    _removed public.people_count[];
begin
    _me := wingman.require_profile(wingman.acting_user_id(why_no_match.user_id));
    if not wingman.is_valid_radius(why_no_match.max_radius_miles) then
        perform wingman.raise_error('invalid_radius');
    end if;
    select s.* into _seeker from wingman.matchmaking_pool as s where s.user_id = _me;
    if not found then
        perform wingman.raise_error('profile_incomplete');
    end if;
    _radius := coalesce(why_no_match.max_radius_miles, _seeker.max_travel_miles);

    select
        coalesce(sum(r.people), 0)::bigint,
        coalesce(
            array_agg(row(r.rule, wingman.coarse_count(r.people))::public.people_count order by r.rule)
            filter (where r.rule is not null),
            '{}'
        )
    into _near, _removed
    from (
        select v.counted_as as rule, sum(o.people)::bigint as people
        from wingman.obstacles_near(_me, _radius) as o
        left join wingman.matching_rules() as v on v.obstacle = o.obstacle
        group by v.counted_as
    ) as r;

    return row(
        _radius,
        wingman.coarse_count(_near),
        _removed,
        wingman.match_suggestions(_seeker, _radius, _removed)
    )::public.no_match_explanation;
end
$$;

comment on function wingman.why_no_match(integer, uuid) is 'Engine of public.why_no_match';
revoke all on function wingman.why_no_match(integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.why_no_match(integer, uuid) to authenticated, service_role, wingman_admin;
