create or replace function wingman.match_obstacle(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
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
    return case
        when (candidate).paused then 'paused'
        when (candidate).pending_match_id is not null then 'has_pending_match'
        when miles > radius_miles::double precision then 'too_far'
        when miles > (candidate).max_travel_miles::double precision then 'too_far_for_them'
        when abs((seeker).level - (candidate).level) > wingman.level_tolerance(
            least((seeker).waiting_since, (candidate).waiting_since), statement_timestamp(), (settings).level_relaxation
        ) then 'level'
        when
            cardinality((candidate).exposures) >= (settings).exposure_limit
            and cardinality(wingman.recent_exposures((candidate).exposures, (settings).exposure_window))
            >= (settings).exposure_limit
            then 'found_often'
        else wingman.pair_obstacle((seeker).user_id, (candidate).user_id, (settings).rematch_after)
    end;
end
$$;

comment on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'The first rule that keeps a candidate, so many miles away, from being offered to a seeker who searches within a radius; null when
none does. Every rule of matching stands here: paused, has_pending_match, too_far, too_far_for_them, level, found_often
(settings.exposure_limit), and those of wingman.pair_obstacle. Exact for a candidate while both rows are locked.';
revoke all on function wingman.match_obstacle(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
