create or replace function wingman.move_session(session_id uuid, scheduled_time timestamptz, venue_name text, user_id uuid)
returns public.session_details
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := move_session.user_id;
    _session public.wingman_sessions;
begin
    perform wingman.session_buddy(move_session.session_id, _me);
    -- whoever arranges or agrees to anything else meanwhile waits here, so the diary below is exact
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(move_session.session_id);
    if _session.status = 'scheduled'
        and _session.scheduled_time = move_session.scheduled_time
        and _session.venue_name = coalesce(move_session.venue_name, _session.venue_name)
    then
        return wingman.session_details_of(_session, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if _session.status = 'in_progress' then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'rescheduled', 'status', _session.status)
        );
    end if;
    perform wingman.refuse_late_change(_session, 'rescheduled');
    perform wingman.refuse_conflict(_me, move_session.scheduled_time, _session.id);
    perform wingman.consume_rate_limit(_me, 'create_session', t.create_session_cost, t.create_session_burst)
    from wingman.settings as t;

    update public.wingman_sessions as s
    set
        scheduled_time = move_session.scheduled_time,
        venue_name = coalesce(move_session.venue_name, s.venue_name),
        proposed_by = _me,
        proposed_at = statement_timestamp(),
        agreed_by = null,
        agreed_at = null
    where s.id = _session.id
    returning s.* into _session;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.move_session(uuid, timestamptz, text, uuid) is
'Gives a session, for one of its two people, another time or venue, to which the other one has to agree anew; the same time
and venue change nothing. venue_name: null keeps it. Errors: session_not_found, not_session_participant, account_suspended, invalid_session_state,
session_time_passed, schedule_conflict, rate_limited.';
revoke all on function wingman.move_session(uuid, timestamptz, text, uuid) from public, anon, authenticated, service_role;
