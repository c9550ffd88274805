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
    _session public.wingman_sessions;
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
    _me := wingman.known_user_id(_call.user_id);
    perform wingman.require_argument('session_id', cancel_session.session_id is not null);
    perform wingman.refuse_violation(wingman.session_violation(null, null, cancel_session.reason));
    perform wingman.session_buddy(cancel_session.session_id, _me);
    _session := wingman.lock_session(cancel_session.session_id);

    if wingman.is_active_session(_session.status) then
        perform wingman.cancel_active_session(_session.match_id, _me, cancel_session.reason);
    elsif _session.status <> 'cancelled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'cancelled', 'status', _session.status)
        );
    end if;
    return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.cancel_session(uuid, text, uuid, text) is 'Engine of public.cancel_session';
revoke all on function wingman.cancel_session(uuid, text, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.cancel_session(uuid, text, uuid, text) to authenticated, service_role, wingman_admin;
