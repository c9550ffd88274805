create or replace function wingman.cancel_session(session_id uuid, reason text, user_id uuid, idempotency_key text)
returns public.session_details
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _call wingman.guarded_call;
    _me uuid;
    _session record;
begin
    _call := wingman.begin_call(
        'cancel_session',
        cancel_session.user_id,
        cancel_session.idempotency_key,
        row(cancel_session.session_id, cancel_session.reason)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := _call.user_id;

    -- If the reason is valid, this locks, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set
        status = 'cancelled',
        cancelled_by = _me,
        cancellation_reason = cancel_session.reason,
        cancelled_at = statement_timestamp()
    where s.id = cancel_session.session_id
        and _me in (s.user1_id, s.user2_id)
        and s.is_active
        and wingman.session_violation(null, null, cancel_session.reason) is null
    returning wingman.session_details_of(s, _me) as details, s.no_show_reported into _session;
    if not found then
        perform wingman.require_profile(_me);
        perform wingman.require_argument('session_id', cancel_session.session_id is not null);
        perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
        return wingman.end_call(_call, wingman.refuse_session_change(cancel_session.session_id, 'cancelled', _me));
    elsif _session.no_show_reported then
        -- whoever cancels takes back what they reported
        perform wingman.drop_no_show_report(cancel_session.session_id, _me);
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('cancel_session', coalesce(_call.user_id, cancel_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid, text) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
