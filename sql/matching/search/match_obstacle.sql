create or replace function wingman.match_obstacle(
    seeker wingman.matchmaking_pool,
    candidate wingman.matchmaking_pool,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(
        wingman.candidate_obstacle(
            match_obstacle.candidate.paused,
            match_obstacle.candidate.pending_match_id is not null,
            match_obstacle.candidate.suspended,
            match_obstacle.candidate.suspended_until,
            match_obstacle.miles,
            match_obstacle.radius_miles,
            match_obstacle.candidate.max_travel_miles,
            abs(match_obstacle.seeker.level - match_obstacle.candidate.level),
            wingman.level_tolerance(
                least(match_obstacle.seeker.waiting_since, match_obstacle.candidate.waiting_since),
                statement_timestamp(),
                match_obstacle.settings.level_relaxation
            ),
            match_obstacle.candidate.exposures,
            match_obstacle.settings.exposure_limit,
            match_obstacle.settings.exposure_window
        ),
        (
            select p.obstacle
            from wingman.pair_obstacle(
                match_obstacle.seeker.user_id, match_obstacle.candidate.user_id, match_obstacle.settings.rematch_after
            ) as p
        )
    );
end
$$;

comment on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate at this distance from being offered to a seeker who searches within a radius; null if none
does. First the rules of wingman.candidate_obstacle (paused, has_pending_match, suspended, too_far, too_far_for_them, level, found_often),
then those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
