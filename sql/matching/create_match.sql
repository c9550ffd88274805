create or replace function wingman.create_match(
    seeker wingman.matchmaking_pool,
    candidate wingman.matchmaking_pool,
    miles double precision,
    radius_miles integer,
    settings wingman.settings
)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool := create_match.seeker;
    _settings wingman.settings := create_match.settings;
    _id uuid := wingman.new_id();
    _offer wingman.offer;
begin
    with locked as materialized (
        select s.*
        from wingman.matchmaking_pool as s
        where s.user_id = (create_match.candidate).user_id and s is not distinct from create_match.candidate
        for no key update skip locked
    ),

    search as (
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
        select
            _id,
            create_match.radius_miles,
            l.max_travel_miles,
            l.waiting_since,
            cardinality(wingman.recent_exposures(l.exposures, _settings.exposure_window)),
            _settings.exposure_limit,
            abs(_seeker.level - l.level),
            wingman.level_tolerance(
                least(_seeker.waiting_since, l.waiting_since), statement_timestamp(), _settings.level_relaxation
            ),
            _settings.rematch_after
        from locked as l
    ),

    match as (
        insert into public.wingman_matches as m (
            id,
            user1_id,
            user2_id,
            user1_reputation,
            user2_reputation,
            user1_level,
            user2_level,
            distance_miles,
            searched_by,
            expires_at
        )
        select
            _id,
            least(_seeker.user_id, l.user_id),
            greatest(_seeker.user_id, l.user_id),
            (
                select p.reputation_score
                from public.user_profiles as p
                where p.id = least(_seeker.user_id, (create_match.candidate).user_id)
            ),
            (
                select p.reputation_score
                from public.user_profiles as p
                where p.id = greatest(_seeker.user_id, (create_match.candidate).user_id)
            ),
            case when _seeker.user_id < l.user_id then _seeker.level else l.level end,
            case when _seeker.user_id < l.user_id then l.level else _seeker.level end,
            wingman.shown_miles(create_match.miles),
            _seeker.user_id,
            statement_timestamp() + _settings.match_lifetime
        from locked as l
        returning m.id, m.distance_miles
    )

    select
        m.id,
        p.id,
        row(
            p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
        )::public.buddy_profile,
        m.distance_miles
    into _offer
    from match as m
    cross join public.user_profiles as p
    where p.id = (create_match.candidate).user_id;

    if (create_match.candidate).exposures[20] is not null and _offer.match_id is not null then
        -- those that count no more; to ask for them at each match would cost it dear
        update wingman.matchmaking_pool as s
        set exposures = wingman.recent_exposures(s.exposures, _settings.exposure_window)
        where s.user_id = _offer.buddy_user_id;
    end if;
    return _offer;
end
$$;

comment on function wingman.create_match(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) is
'Locks the candidate whom a search found, and writes the pending match with the seeker, whose row the caller has locked, and what the
search went by. Returns the match as the seeker may know it; nulls, and nothing written, where another call holds the candidate or
it has changed since the search.';
revoke all on function wingman.create_match(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.settings
) from public, anon, authenticated, service_role;
