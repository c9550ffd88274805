create or replace function wingman.lock_first_in_own_cell(
    seeker wingman.matchmaking_pool,
    radius_miles integer,
    settings wingman.search_settings
)
returns wingman.candidate
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- the index holds the people of a cell in order: sorting would mean reading them all
set enable_sort = off
as $$
declare
    _first wingman.candidate;
begin
    select s.user_id, s.level, s.max_travel_miles, s.waiting_since, s.exposures
    into _first
    from wingman.matchmaking_pool as s
    cross join lateral wingman.pair_obstacle(lock_first_in_own_cell.seeker.user_id, s.user_id, lock_first_in_own_cell.settings.rematch_after) as p
    where s.grid_lat = lock_first_in_own_cell.seeker.grid_lat
        and s.grid_lng = lock_first_in_own_cell.seeker.grid_lng
        -- written as in the index
        and (s.pending_match_id is null and not s.paused and not s.suspended) is true
        and s.user_id <> lock_first_in_own_cell.seeker.user_id
        and wingman.candidate_obstacle(
            s.paused,
            s.pending_match_id is not null,
            s.suspended,
            s.suspended_until,
            -- the distance is zero, which is within everybody's radius
            null,
            lock_first_in_own_cell.radius_miles,
            s.max_travel_miles,
            abs(lock_first_in_own_cell.seeker.level - s.level),
            wingman.level_tolerance(
                least(lock_first_in_own_cell.seeker.waiting_since, s.waiting_since), statement_timestamp(), lock_first_in_own_cell.settings.level_relaxation
            ),
            s.exposures,
            lock_first_in_own_cell.settings.exposure_limit,
            lock_first_in_own_cell.settings.exposure_window
        ) is null
        and p.obstacle is null
    order by s.waiting_since, s.user_id
    limit 1
    for no key update of s skip locked;

    return _first;
end
$$;

comment on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_settings) is
'Like wingman.first_in_cell, for the seeker''s own cell, where most searches end: locks the first person whose row nobody else
holds, and returns the row as it is then; nulls if there is nobody.';
revoke all on function wingman.lock_first_in_own_cell(wingman.matchmaking_pool, integer, wingman.search_settings)
from public, anon, authenticated, service_role;
