\set pair :pairs + :client_id * :each + :call
\set call :call + 1
\set caller 2 * :pair
\set buddy 2 * :pair + 1
\startpipeline
select set_config('role', 'authenticated', true), set_config('request.jwt.claims', '{"sub": "' || md5('person ' || :caller)::uuid || '", "role": "authenticated"}', true);
with match as (
    update bare.wingman_matches as m
    set
        status = 'accepted',
        responded_by = md5('person ' || :caller)::uuid,
        responded_at = statement_timestamp(),
        updated_at = statement_timestamp()
    where m.id = md5('pending ' || :turn || ' ' || :pair)::uuid
    returning m.id, m.expires_at
),
seekers as (
    update bare.match_seekers as s
    set pending_match_id = null, is_free = true, waiting_since = statement_timestamp()
    where s.user_id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'respond', statement_timestamp() + interval '1 minute')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
audited as (
    insert into bare.audit_log (id, occurred_at, entity, entity_id, match_id, before, after, user_id, role, login, call)
    select
        nextval('bare.audit_log_id_seq'),
        statement_timestamp(),
        'match',
        m.id,
        m.id,
        '{"status": "pending", "ended_at": null, "expires_at": "2026-12-01T06:00:00+00:00", "responded_by": null}',
        '{"status": "accepted", "ended_at": null, "expires_at": "2026-12-01T06:00:00+00:00", "responded_by": "01a22601-4f43-71eb-a989-0c62dd63dcee"}',
        md5('person ' || :caller)::uuid,
        'authenticated',
        'authenticator',
        'respond_to_match'
    from match as m
)
select to_json(m) from match as m;
\endpipeline
