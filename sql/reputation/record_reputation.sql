create or replace function wingman.record_reputation(session_id uuid, kind text, user_ids uuid[], participant_ids uuid[])
returns uuid
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- profiles are the last rows of the lock order and are locked by id: an index scan takes the ids of an array in order
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    _delta integer := wingman.reputation_delta(record_reputation.kind);
    _completions integer := wingman.completions_in(record_reputation.kind);
begin
    with counted as (
        update public.user_profiles as p
        set
            completed_sessions = p.completed_sessions + _completions,
            no_shows = p.no_shows + (_completions - _delta),
            reputation_score = wingman.reputation_score(p.completed_sessions + _delta, p.no_shows),
            updated_at = statement_timestamp()
        where p.id = any(record_reputation.user_ids)
        returning p.id, p.completed_sessions, p.no_shows
    )

    insert into wingman.reputation_events (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
    select
        record_reputation.session_id,
        c.id,
        (array_remove(record_reputation.participant_ids, c.id))[1],
        record_reputation.kind,
        _delta,
        c.completed_sessions,
        c.no_shows
    from counted as c;
    return record_reputation.session_id;
end
$$;

comment on function wingman.record_reputation(uuid, text, uuid[], uuid[]) is
'Writes to the ledger what a session, whose row the caller has locked, gives to or takes from the reputation of people, and counts
it in their profiles, which it locks by id. kind: see wingman.reputation_events; user_ids: whose reputation; participant_ids: the two
people of the session. The only writer of the counters. Returns session_id.';
revoke all on function wingman.record_reputation(uuid, text, uuid[], uuid[]) from public, anon, authenticated, service_role;
