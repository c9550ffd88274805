create or replace function wingman.first_in_cell(
    seeker wingman.matchmaking_pool,
    grid_lat integer,
    grid_lng integer,
    miles double precision,
    radius_miles integer,
    settings wingman.search_settings,
    passed_over uuid[]
)
returns wingman.matchmaking_pool
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
    _seeker wingman.matchmaking_pool := first_in_cell.seeker;
    _settings wingman.search_settings := first_in_cell.settings;
    _first wingman.matchmaking_pool;
begin
    select s.* into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(_seeker.user_id, s.user_id, _settings.rematch_after) as p
    where s.grid_lat = first_in_cell.grid_lat
        and s.grid_lng = first_in_cell.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused and not s.suspended) is true
        and s.user_id <> _seeker.user_id
        and s.user_id <> all(first_in_cell.passed_over)
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            s.suspended,
            s.suspended_until,
            first_in_cell.miles,
            first_in_cell.radius_miles,
            s.max_travel_miles,
            abs(_seeker.level - s.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, s.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            s.exposures,
            _settings.exposure_limit,
            _settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1;

    return _first;
end
$$;

comment on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_settings, uuid[]
) is
'Of the people at a grid point whom no wingman.match_obstacle keeps from a seeker, the one who has waited longest, then the one
with the smallest id; nulls if there is nobody. miles: how far the point is from the seeker; passed_over: people to leave out.
Reads nobody who has waited less than the person found.';
revoke all on function wingman.first_in_cell(
    wingman.matchmaking_pool, integer, integer, double precision, integer, wingman.search_settings, uuid[]
) from public, anon, authenticated, service_role;
