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
    returning m.id
),
pool as (
    update bare.matchmaking_pool as s
    set pending_match_id = null, pending_buddy_id = null, pending_until = null, waiting_since = statement_timestamp()
    where s.user_id in (md5('person ' || :caller)::uuid, md5('person ' || :buddy)::uuid)
),
spent as (
    insert into bare.rate_limits as r (user_id, bucket, spent_until)
    values (md5('person ' || :caller)::uuid, 'respond', statement_timestamp() + interval '1 minute')
    on conflict (user_id, bucket) do update set spent_until = excluded.spent_until
),
journal as (
    insert into bare.events (xid, id, occurred_at, kind, match_id, session_id, user_id, details, source)
    select
        pg_current_xact_id(),
        nextval('bare.events_id_seq'),
        statement_timestamp(),
        'match_accepted',
        m.id,
        null,
        md5('person ' || :caller)::uuid,
        null,
        'respond_to_match' || e'\t' || md5('person ' || :caller)::uuid || e'\tauthenticated\tauthenticator'
    from match as m
)
select to_json(m) from match as m;
\endpipeline
