create or replace function wingman.refuse_late_change(session public.wingman_sessions, verb text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not refuse_late_change.session.is_active then
        perform wingman.raise_error('invalid_session_state', jsonb_build_object(
            'verb', refuse_late_change.verb, 'status', refuse_late_change.session.status
        ));
    elsif refuse_late_change.session.scheduled_time <= statement_timestamp() then
        perform wingman.raise_error('session_time_passed', jsonb_build_object(
            'verb', refuse_late_change.verb, 'time', wingman.utc_text(refuse_late_change.session.scheduled_time)
        ));
    end if;
end
$$;

comment on function wingman.refuse_late_change(public.wingman_sessions, text) is
'Refuses to agree to a session, or to move it, once it is over or its time has come: whoever does not come cannot escape by
moving it.
verb: what cannot be done. Errors: invalid_session_state, session_time_passed.';
revoke all on function wingman.refuse_late_change(public.wingman_sessions, text) from public, anon, authenticated, service_role;
