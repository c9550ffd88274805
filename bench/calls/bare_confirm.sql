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
        user1_completed_confirmed_by_user2 = s.user2_id = md5('person ' || :caller)::uuid,
        user2_completed_confirmed_by_user1 = s.user1_id = md5('person ' || :caller)::uuid,
        updated_at = statement_timestamp()
    where s.id = md5('session ' || :turn || ' ' || :n)::uuid
    returning s.id, s.match_id
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'confirm', statement_timestamp() + interval '2 minutes')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
journal as (
    insert into bare.events (xid, id, occurred_at, kind, match_id, session_id, user_id, details, source)
    select
        pg_current_xact_id(),
        nextval('bare.events_id_seq'),
        statement_timestamp(),
        'session_confirmed',
        s.match_id,
        s.id,
        md5('person ' || :caller)::uuid,
        null,
        'confirm_session_completion' || e'\t' || md5('person ' || :caller)::uuid || e'\tauthenticated\tauthenticator'
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
        is_active = false,
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
counted as (
    update bare.user_profiles as p
    set
        completed_sessions = p.completed_sessions + 1,
        reputation_score = p.reputation_score + 1,
        updated_at = statement_timestamp()
    where p.id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
    returning p.id, p.completed_sessions, p.no_shows
),
ledger as (
    insert into bare.reputation_events (
        xid, id, created_at, session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows
    )
    select
        pg_current_xact_id(),
        nextval('bare.reputation_events_id_seq'),
        statement_timestamp(),
        md5('session ' || :turn || ' ' || :n)::uuid,
        c.id,
        case c.id when md5('person ' || :caller)::uuid then md5('person ' || :buddy)::uuid else md5('person ' || :caller)::uuid end,
        'completed',
        1,
        c.completed_sessions,
        c.no_shows
    from counted as c
),
journal as (
    insert into bare.events (xid, id, occurred_at, kind, match_id, session_id, user_id, details, source)
    select
        pg_current_xact_id(),
        nextval('bare.events_id_seq'),
        statement_timestamp(),
        'session_completed',
        s.match_id,
        s.id,
        md5('person ' || :caller)::uuid,
        null,
        'confirm_session_completion' || e'\t' || md5('person ' || :caller)::uuid || e'\tauthenticated\tauthenticator'
    from session as s
)
select to_json(s) from session as s;
\endif
\endpipeline
