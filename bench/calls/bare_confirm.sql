\set n :client_id * :each + :call
\set call :call + 1
\set caller 2 * :n + :n % 2
\set buddy 2 * :n + 1 - :n % 2
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
\if :n % 2 = 0
with session as (
    update bare.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = md5('person ' || :buddy)::uuid < md5('person ' || :caller)::uuid,
        user2_completed_confirmed_by_user1 = md5('person ' || :caller)::uuid < md5('person ' || :buddy)::uuid,
        updated_at = statement_timestamp()
    where s.id = md5('session ' || :turn || ' ' || :n)::uuid
    returning s.id, s.match_id
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'confirm', statement_timestamp() + interval '2 minutes')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
audited as (
    insert into bare.audit_log (id, occurred_at, entity, entity_id, match_id, before, after, user_id, role, login, call)
    select
        nextval('bare.audit_log_id_seq'),
        statement_timestamp(),
        'session',
        s.id,
        s.match_id,
        '{"status": "scheduled", "scheduled_time": "2026-11-29T06:00:00+00:00", "cancelled_by": null, "reverted_at": null, "user1_completed_confirmed_by_user2": false, "user2_completed_confirmed_by_user1": false}',
        '{"status": "scheduled", "scheduled_time": "2026-11-29T06:00:00+00:00", "cancelled_by": null, "reverted_at": null, "user1_completed_confirmed_by_user2": true, "user2_completed_confirmed_by_user1": false}',
        md5('person ' || :caller)::uuid,
        'authenticated',
        'authenticator',
        'confirm_session_completion'
    from session as s
)
select to_json(s) from session as s;
\else
with session as (
    update bare.wingman_sessions as s
    set
        user1_completed_confirmed_by_user2 = true,
        user2_completed_confirmed_by_user1 = true,
        status = 'completed',
        completed_at = statement_timestamp(),
        updated_at = statement_timestamp()
    where s.id = md5('session ' || :turn || ' ' || :n)::uuid
    returning s.id, s.match_id
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'confirm', statement_timestamp() + interval '2 minutes')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
ledger as (
    insert into bare.reputation_events (session_id, user_id, kind, delta, created_at)
    select s.id, p.user_id, 'completed', 1, statement_timestamp()
    from session as s
    cross join (values (md5('person ' || :caller)::uuid), (md5('person ' || :buddy)::uuid)) as p (user_id)
),
counted as (
    update bare.user_profiles as p
    set
        completed_sessions = p.completed_sessions + 1,
        reputation_score = p.reputation_score + 1,
        updated_at = statement_timestamp()
    where p.id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
),
audited as (
    insert into bare.audit_log (id, occurred_at, entity, entity_id, match_id, before, after, user_id, role, login, call)
    select
        nextval('bare.audit_log_id_seq'),
        statement_timestamp(),
        e.entity,
        coalesce(e.user_id, s.id),
        case when e.user_id is null then s.match_id end,
        e.before,
        e.after,
        md5('person ' || :caller)::uuid,
        'authenticated',
        'authenticator',
        'confirm_session_completion'
    from session as s
    cross join (
        values
        (
            'session',
            null::uuid,
            '{"status": "scheduled", "scheduled_time": "2026-11-29T06:00:00+00:00", "cancelled_by": null, "reverted_at": null, "user1_completed_confirmed_by_user2": true, "user2_completed_confirmed_by_user1": false}'::jsonb,
            '{"status": "completed", "scheduled_time": "2026-11-29T06:00:00+00:00", "cancelled_by": null, "reverted_at": null, "user1_completed_confirmed_by_user2": true, "user2_completed_confirmed_by_user1": true}'::jsonb
        ),
        (
            'reputation',
            md5('person ' || :caller)::uuid,
            null,
            '{"kind": "completed", "delta": 1, "session_id": "01a22601-4f43-71eb-a989-0c62dd63dcee"}'
        ),
        (
            'reputation',
            md5('person ' || :buddy)::uuid,
            null,
            '{"kind": "completed", "delta": 1, "session_id": "01a22601-4f43-71eb-a989-0c62dd63dcee"}'
        )
    ) as e (entity, user_id, before, after)
)
select to_json(s) from session as s;
\endif
\endpipeline
