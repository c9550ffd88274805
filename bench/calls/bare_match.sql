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
        distance_miles,
        expires_at,
        created_at,
        updated_at,
        searched_by
    )
    values (
        gen_random_uuid(),
        least(md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid),
        greatest(md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid),
        'pending',
        0,
        0,
        1,
        statement_timestamp() + interval '48 hours',
        statement_timestamp(),
        statement_timestamp(),
        md5('person ' || :caller)::uuid
    )
    returning m.id, m.user1_id, m.user2_id
),
searched as (
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
seekers as (
    update bare.match_seekers as s
    set
        pending_match_id = m.id,
        is_free = false,
        exposures = case
            when s.user_id = md5('person ' || :buddy)::uuid then array[statement_timestamp()]
            else s.exposures
        end
    from match as m
    where s.user_id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'automatic_match', statement_timestamp() + interval '3 minutes')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
audited as (
    insert into bare.audit_log (id, occurred_at, entity, entity_id, match_id, after, user_id, role, login, call)
    select
        nextval('bare.audit_log_id_seq'),
        statement_timestamp(),
        'match',
        m.id,
        m.id,
        '{"status": "pending", "ended_at": null, "expires_at": "2026-12-01T06:00:00+00:00", "responded_by": null, "user1_id": "01a22601-4f43-71eb-a989-0c62dd63dcee", "user2_id": "01a22601-4f43-71eb-a989-0c62dd63dcef", "searched_by": "01a22601-4f43-71eb-a989-0c62dd63dcee"}',
        md5('person ' || :caller)::uuid,
        'authenticated',
        'authenticator',
        'create_automatic_match'
    from match as m
)
select to_json(m) from match as m;
\endpipeline
