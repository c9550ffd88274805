create or replace function wingman.create_match(
    seeker wingman.matchmaking_pool,
    candidate wingman.matchmaking_pool,
    miles double precision,
    radius_miles integer,
    settings wingman.search_terms
)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid := wingman.new_id();
    _offer wingman.offer;
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
            create_match.candidate.max_travel_miles,
            create_match.candidate.waiting_since,
            case
                when create_match.candidate.exposures[1] is null then 0
                else cardinality(wingman.recent_exposures(create_match.candidate.exposures, create_match.settings.exposure_window))
            end,
            create_match.settings.exposure_limit,
            abs(create_match.seeker.level - create_match.candidate.level),
            wingman.level_tolerance(
                least(create_match.seeker.waiting_since, create_match.candidate.waiting_since), statement_timestamp(), create_match.settings.level_relaxation
            ),
            create_match.settings.rematch_after
        )
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
        values (
            _id,
            least(create_match.seeker.user_id, create_match.candidate.user_id),
            greatest(create_match.seeker.user_id, create_match.candidate.user_id),
            (
                select p.reputation_score
                from public.user_profiles as p
                where p.id = least(create_match.seeker.user_id, create_match.candidate.user_id)
            ),
            (
                select p.reputation_score
                from public.user_profiles as p
                where p.id = greatest(create_match.seeker.user_id, create_match.candidate.user_id)
            ),
            case when create_match.seeker.user_id < create_match.candidate.user_id then create_match.seeker.level else create_match.candidate.level end,
            case when create_match.seeker.user_id < create_match.candidate.user_id then create_match.candidate.level else create_match.seeker.level end,
            wingman.shown_miles(create_match.miles),
            create_match.seeker.user_id,
            statement_timestamp() + create_match.settings.match_lifetime
        )
        returning m.id, m.distance_miles
    )

    select
        m.id,
        p.id,
        row(
            p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
        )::public.buddy_profile,
        m.distance_miles
    into strict _offer
    from match as m
    cross join public.user_profiles as p
    where p.id = create_match.candidate.user_id;

    if create_match.candidate.exposures[20] is not null then
        -- those that count no more; to ask for them at each match would cost it dear
        update wingman.matchmaking_pool as s
        set exposures = wingman.recent_exposures(s.exposures, create_match.settings.exposure_window)
        where s.user_id = create_match.candidate.user_id;
    end if;
    return _offer;
end
$$;

comment on function wingman.create_match(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.search_terms
) is
'Writes a pending match between a seeker and the candidate whom its search found, both rows locked by the caller, and what the
search went by. Returns the match as the seeker may know it.';
revoke all on function wingman.create_match(
    wingman.matchmaking_pool, wingman.matchmaking_pool, double precision, integer, wingman.search_terms
) from public, anon, authenticated, service_role;
