create or replace function wingman.create_match(
    seeker wingman.match_seekers,
    candidate wingman.match_seekers,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns public.wingman_matches
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.match_seekers := create_match.seeker;
    _candidate wingman.match_seekers := create_match.candidate;
    _settings wingman.settings := create_match.settings;
    _id uuid := wingman.new_id();
    _match public.wingman_matches;
begin
    with search as (
        insert into wingman.match_searches (
            match_id,
            radius_miles,
            candidate_travel_miles,
            candidate_waiting_since,
            candidate_exposures,
            exposure_limit,
            level_difference,
            level_tolerance,
            rematch_after
        )
        values (
            _id,
            create_match.radius_miles,
            _candidate.max_travel_miles,
            _candidate.waiting_since,
            cardinality(wingman.recent_exposures(_candidate.exposures, _settings.exposure_window)),
            _settings.exposure_limit,
            abs(_seeker.level - _candidate.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, _candidate.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            _settings.rematch_after
        )
    )

    insert into public.wingman_matches as m (
        id, user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, searched_by, expires_at
    )
    select
        _id,
        p1.id,
        p2.id,
        p1.reputation_score,
        p2.reputation_score,
        wingman.shown_miles(create_match.miles),
        _seeker.user_id,
        statement_timestamp() + _settings.match_lifetime
    from public.user_profiles as p1
    cross join public.user_profiles as p2
    where p1.id = least(_seeker.user_id, _candidate.user_id) and p2.id = greatest(_seeker.user_id, _candidate.user_id)
    returning m.* into _match;

    return _match;
end
$$;

comment on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) is
'Writes a pending match between a seeker and the candidate whom its search found, both rows locked by the caller, and what the
search went by. Returns the match.';
revoke all on function wingman.create_match(
    wingman.match_seekers, wingman.match_seekers, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
