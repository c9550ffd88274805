\set pair :pairs + :client_id * :each + :call
\set call :call + 1
\set caller 2 * :pair
\set buddy 2 * :pair + 1
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
with match as (
    insert into bare.wingman_matches as m (
        id,
        user1_id,
        user2_id,
        status,
        user1_reputation,
        user2_reputation,
        user1_level,
        user2_level,
        distance_miles,
        expires_at,
        created_at,
        updated_at,
        searched_by,
        needs_both
    )
    values (
        uuidv7(),
        least(md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid),
        greatest(md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid),
        'pending',
        0,
        0,
        1,
        1,
        1,
        statement_timestamp() + interval '48 hours',
        statement_timestamp(),
        statement_timestamp(),
        md5('person ' || :caller)::uuid,
        false
    )
    returning m.id, m.user1_id, m.user2_id, m.expires_at
),
search as (
    insert into bare.match_searches (
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
    select m.id, 25, 25, statement_timestamp(), 0, 10, 0, 1, interval '168 hours'
    from match as m
),
pool as (
    update bare.matchmaking_pool as s
    set
        pending_match_id = m.id,
        pending_buddy_id = case s.user_id when m.user1_id then m.user2_id else m.user1_id end,
        pending_until = m.expires_at,
        exposures = case s.user_id
            when md5('person ' || :buddy)::uuid then s.exposures || statement_timestamp() else s.exposures
        end
    from match as m
    where s.user_id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'automatic_match', statement_timestamp() + interval '3 minutes')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
journal as (
    insert into bare.events (xid, id, occurred_at, kind, match_id, session_id, user_id, details, source)
    select
        pg_current_xact_id(),
        nextval('bare.events_id_seq'),
        statement_timestamp(),
        'match_offered',
        m.id,
        null,
        md5('person ' || :caller)::uuid,
        jsonb_build_object('user1_id', m.user1_id, 'user2_id', m.user2_id, 'expires_at', m.expires_at),
        'create_automatic_match' || e'\t' || md5('person ' || :caller)::uuid || e'\tauthenticated\tauthenticator'
    from match as m
)
select to_json(m) from match as m;
\endpipeline
