create or replace function wingman_admin.cancel_session(session_id uuid, reason text)
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
    perform wingman.begin_operation('cancel_session');
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.require_argument('reason', cancel_session.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(cancel_session.reason));
    select s.* into _session from wingman.lock_session(cancel_session.session_id) as s;

    if _session.id is null then
        perform wingman.raise_error('session_not_found');
    elsif not _session.is_active then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;

    perform wingman.record_decision('session_cancelled', _session.id, null, cancel_session.reason);
    update public.wingman_sessions as s set status = 'cancelled', cancelled_at = statement_timestamp() where s.id = _session.id;

    perform wingman.end_operation();
    return row(true, 'Session cancelled: the two people can arrange another one.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('cancel_session');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.cancel_session(uuid, text) is
'Cancels an active session on behalf of nobody; what either person confirmed stays, and no reputation changes.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions. The two people do not see it.
Errors: missing_argument, invalid_argument, session_not_found, invalid_session_state, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.cancel_session(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.cancel_session(uuid, text) to wingman_admin, service_role;
