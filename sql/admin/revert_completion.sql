create or replace function wingman_admin.revert_completion(session_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _session record;
begin
    perform wingman.begin_operation('revert_completion');
    perform wingman.require_argument('session_id', revert_completion.session_id is not null);
    perform wingman.require_argument('reason', revert_completion.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(revert_completion.reason));
    select s.* into _session from wingman.lock_no_show(revert_completion.session_id) as s;

    if _session.reverted_at is not null then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', 'reverted')
        );
    elsif _session.status not in ('completed', 'no_show') then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reverted', 'status', _session.status)
        );
    end if;

    perform wingman.record_decision('session_reverted', _session.id, null, revert_completion.reason);
    update public.wingman_sessions as s set reverted_at = statement_timestamp() where s.id = _session.id;
    if _session.status = 'completed' then
        perform wingman.record_reputation(
            _session.id, 'completion_reverted', _session.user1_id, _session.user2_id, both_people => true
        );
    else
        perform wingman.record_reputation(g.session_id, 'no_show_reverted', g.user_id, g.buddy_id, both_people => false)
        from wingman.reputation_events as g
        where g.user_id in (_session.user1_id, _session.user2_id) and g.session_id = _session.id and g.kind = 'no_show';
        update wingman.matchmaking_pool as s
        set cooldown_until = wingman.cooldown_until(s.user_id)
        where s.user_id in (_session.user1_id, _session.user2_id);
    end if;

    perform wingman.end_operation();
    return row(
        true,
        case _session.status
            when 'completed' then 'Completion reverted: neither reputation counts this session any more.'
            else 'No-show reverted: it does not count any more.'
        end
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('revert_completion');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.revert_completion(uuid, text) is
'Takes back what a completed session or a no-show did to reputations.
Writes reversing entries to the ledger, corrects the counters, lifts the cooldown that came of it and sets reverted_at; the status
stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state (also for a second revert), busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.revert_completion(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.revert_completion(uuid, text) to wingman_admin, service_role;
