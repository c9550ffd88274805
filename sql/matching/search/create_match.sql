create or replace function wingman.create_match(
    seeker wingman.matchmaking_pool,
    candidate wingman.candidate,
    miles double precision,
    radius_miles integer,
    settings wingman.search_settings
)
returns wingman.offer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the match to be, from the seeker's side
    _match record;
begin
    select
        wingman.new_id() as id,
        wingman.shown_miles(create_match.miles) as distance_miles,
        q.id < p.id as is_user1,
        q.reputation_score as own_reputation,
        p.reputation_score,
        row(p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score)::public.buddy_profile as buddy
    into strict _match
    from public.user_profiles as p
    cross join public.user_profiles as q
    where p.id = create_match.candidate.user_id and q.id = create_match.seeker.user_id;

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
            _match.id,
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
    )

    insert into public.wingman_matches (
        id,
        user1_id,
        user2_id,
        user1_reputation,
        user2_reputation,
        user1_level,
        user2_level,
        distance_miles,
        searched_by,
        expires_at,
        needs_both
    )
    values (
        _match.id,
        case when _match.is_user1 then create_match.seeker.user_id else create_match.candidate.user_id end,
        case when _match.is_user1 then create_match.candidate.user_id else create_match.seeker.user_id end,
        case when _match.is_user1 then _match.own_reputation else _match.reputation_score end,
        case when _match.is_user1 then _match.reputation_score else _match.own_reputation end,
        case when _match.is_user1 then create_match.seeker.level else create_match.candidate.level end,
        case when _match.is_user1 then create_match.candidate.level else create_match.seeker.level end,
        _match.distance_miles,
        create_match.seeker.user_id,
        statement_timestamp() + create_match.settings.match_lifetime,
        create_match.settings.needs_both
    );

    if create_match.candidate.exposures[20] is not null then
        -- drops those that no longer count; checking that at each match would be too expensive
        update wingman.matchmaking_pool as s
        set exposures = wingman.recent_exposures(s.exposures, create_match.settings.exposure_window)
        where s.user_id = create_match.candidate.user_id;
    end if;
    return row(_match.id, create_match.candidate.user_id, _match.buddy, _match.distance_miles)::wingman.offer;
end
$$;

comment on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_settings
) is
'Writes a pending match between a seeker and the candidate found, whose rows the caller has locked, and what the search was based
on. Returns the match as the seeker sees it.';
revoke all on function wingman.create_match(
    wingman.matchmaking_pool, wingman.candidate, double precision, integer, wingman.search_settings
) from public, anon, authenticated, service_role;
