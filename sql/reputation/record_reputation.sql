create or replace function wingman.record_reputation(
    session_id uuid,
    kind text,
    user_id uuid,
    buddy_id uuid,
    both_people boolean
)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- profiles are the last rows of the lock order and are locked by id: an index scan takes the ids of an array in order
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
set enable_bitmapscan = off
as $$
declare
    _delta integer := wingman.reputation_delta(record_reputation.kind);
    _is_completion boolean := wingman.counts_completions(record_reputation.kind);
begin
    with counted as (
        update public.user_profiles as p
        set
            completed_sessions = p.completed_sessions + case when _is_completion then _delta else 0 end,
            no_shows = p.no_shows - case when _is_completion then 0 else _delta end,
            reputation_score = wingman.reputation_score(p.completed_sessions + _delta, p.no_shows),
            updated_at = statement_timestamp()
        where p.id = any(array[
            record_reputation.user_id, case when record_reputation.both_people then record_reputation.buddy_id end
        ])
        returning p.id, p.completed_sessions, p.no_shows
    )

    insert into wingman.reputation_events (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
    select
        record_reputation.session_id,
        c.id,
        case c.id when record_reputation.user_id then record_reputation.buddy_id else record_reputation.user_id end,
        record_reputation.kind,
        _delta,
        c.completed_sessions,
        c.no_shows
    from counted as c;
    return found;
end
$$;

comment on function wingman.record_reputation(uuid, text, uuid, uuid, boolean) is
'Writes to the ledger what a session, whose row the caller has locked, gives to or takes from a reputation, and counts it in the
profile. kind: see wingman.reputation_events; user_id: the person whose reputation it is; buddy_id: the other person of the
session;
both_people: do the same for the other person. Locks the profiles by id. The only writer of the counters. Returns whether at least
one of the profiles still exists.';
revoke all on function wingman.record_reputation(uuid, text, uuid, uuid, boolean) from public, anon, authenticated, service_role;
