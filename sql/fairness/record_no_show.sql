create or replace function wingman.record_no_show(session public.wingman_sessions, absent_user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions := record_no_show.session;
    _absent uuid := least(record_no_show.absent_user_ids[1], record_no_show.absent_user_ids[2]);
begin
    update public.wingman_sessions as s set status = 'no_show' where s.id = _session.id;
    perform wingman.record_reputation(
        _session.id,
        'no_show',
        _absent,
        case _absent when _session.user1_id then _session.user2_id else _session.user1_id end,
        both_people => cardinality(record_no_show.absent_user_ids) = 2
    );

    update wingman.matchmaking_pool as s
    set cooldown_until = wingman.cooldown_until(s.user_id)
    where s.user_id = any(record_no_show.absent_user_ids);
    -- who came waits as if there had been no match
    update wingman.matchmaking_pool as s
    set waiting_since = least(s.waiting_since, m.created_at)
    from public.wingman_matches as m
    where m.id = _session.match_id
        and s.user_id in (_session.user1_id, _session.user2_id)
        and s.user_id <> all(record_no_show.absent_user_ids);
end
$$;

comment on function wingman.record_no_show(public.wingman_sessions, uuid[]) is
'Ends a session, which the caller has locked with wingman.lock_no_show, because one or both of its people did not come:
status, ledger and counters, the cooldown of who was absent, and the waiting time of who came, which goes back to when the match was made.';
revoke all on function wingman.record_no_show(public.wingman_sessions, uuid[]) from public, anon, authenticated, service_role;
