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
    _session record;
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
    _me := _call.user_id;

    -- This locks the session, checks and writes in one statement. Only when it finds nothing do we ask why.
    update public.wingman_sessions as s
    set status = 'in_progress', started_by = _me
    where s.id = start_session.session_id
        and _me in (s.user1_id, s.user2_id)
        and s.status = 'scheduled'
        and s.scheduled_time <= statement_timestamp() + (select t.session_start_lead from wingman.settings as t)
    returning wingman.session_details_of(s, _me) as details into _session;
    if not found then
        return wingman.end_call(_call, wingman.refuse_session_change(start_session.session_id, 'started', _me));
    end if;
    return wingman.end_call(_call, _session.details);
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('start_session', coalesce(_call.user_id, start_session.user_id));
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.start_session(uuid, uuid, text) is 'Engine of public.start_session';
revoke all on function wingman.start_session(uuid, uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman.start_session(uuid, uuid, text) to authenticated, service_role, wingman_admin;
