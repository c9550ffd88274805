create or replace function wingman.start_session(session_id uuid, user_id uuid, idempotency_key text)
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
    _from timestamptz;
begin
    _call := wingman.begin_call(
        'start_session',
        start_session.user_id,
        start_session.idempotency_key,
        row(start_session.session_id)
    );
    if _call.response is not null then
        return jsonb_populate_record(null::public.session_details, _call.response);
    end if;
    _me := wingman.known_user_id(_call.user_id);
    perform wingman.require_argument('session_id', start_session.session_id is not null);
    perform wingman.session_buddy(start_session.session_id, _me);
    _session := wingman.lock_session(start_session.session_id);

    if _session.status = 'in_progress' then
        return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
    elsif _session.status <> 'scheduled' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'started', 'status', _session.status)
        );
    end if;

    select _session.scheduled_time - t.session_start_lead into strict _from from wingman.settings as t;
    if statement_timestamp() < _from then
        perform wingman.raise_error('too_early', jsonb_build_object('time', wingman.utc_text(_from)));
    end if;

    update public.wingman_sessions as s set status = 'in_progress', started_by = _me where s.id = _session.id;
    return wingman.end_call(_call, wingman.session_details_of(_session.id, _me));
exception
    when lock_not_available or deadlock_detected then
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid, text) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;
