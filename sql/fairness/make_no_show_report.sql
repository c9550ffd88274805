create or replace function wingman.make_no_show_report(session_id uuid, reason text, note text, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := make_no_show_report.user_id;
    _accused_id uuid := wingman.session_buddy(make_no_show_report.session_id, _me);
    _session public.wingman_sessions;
    _settings wingman.settings;
    _report wingman.no_show_reports;
    _is_contested boolean;
begin
    perform wingman.lock_seekers(_me);
    _session := wingman.lock_session(make_no_show_report.session_id);
    -- an erasure for which this call has waited must not be followed by words of who is gone
    perform wingman.require_profile(_me);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.reporter_id = _me;
    if found then
        perform wingman.refuse_closed_report(_report);
        return wingman.no_show_report_of(_report, _me);
    end if;

    perform wingman.require_not_suspended(_me);
    if wingman.has_confirmed(_session, _me) then
        perform wingman.raise_error(
            'already_confirmed', jsonb_build_object('state', wingman.session_details_of(_session, _me))
        );
    elsif not _session.is_active and (_session.status = 'cancelled' and _session.cancelled_at >= _session.scheduled_time) is not true then
        perform wingman.raise_error(
            'invalid_session_state', jsonb_build_object('verb', 'reported', 'status', _session.status)
        );
    elsif not wingman.has_committed(_session, _accused_id) then
        perform wingman.raise_error('buddy_not_committed');
    end if;

    select t.* into strict _settings from wingman.settings as t;
    if statement_timestamp() < _session.scheduled_time + _settings.no_show_grace then
        perform wingman.raise_error('no_show_too_early', jsonb_build_object(
            'time', wingman.utc_text(_session.scheduled_time + _settings.no_show_grace)
        ));
    elsif statement_timestamp() > _session.scheduled_time + _settings.no_show_grace + _settings.no_show_window then
        perform wingman.raise_error('no_show_window_closed', jsonb_build_object(
            'time', wingman.utc_text(_session.scheduled_time + _settings.no_show_grace + _settings.no_show_window)
        ));
    end if;

    perform wingman.consume_rate_limit(_me, 'report', _settings.report_cost, _settings.report_burst);

    -- each of the two contests what the other one reports
    update wingman.no_show_reports as r
    set status = 'contested', answered_at = coalesce(r.answered_at, statement_timestamp())
    where r.session_id = _session.id
        and r.reporter_id = _accused_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
    _is_contested := found;

    update public.wingman_sessions as s set no_show_reported = true where s.id = _session.id;
    insert into wingman.no_show_reports as r (
        session_id, reporter_id, accused_id, reason, note, status, answered_at, answer_by, decide_by
    )
    values (
        _session.id,
        _me,
        _accused_id,
        make_no_show_report.reason,
        make_no_show_report.note,
        case when _is_contested then 'contested' else 'open' end,
        case when _is_contested then statement_timestamp() end,
        statement_timestamp() + _settings.no_show_answer_within,
        statement_timestamp() + _settings.no_show_decide_within
    )
    returning r.* into _report;
    return wingman.no_show_report_of(_report, _me);
end
$$;

comment on function wingman.make_no_show_report(uuid, text, text, uuid) is
'Reports, for a user, that the buddy did not come to a session; the report that exists already is returned. Errors:
session_not_found, not_session_participant, no_show_already_decided, account_suspended, already_confirmed, invalid_session_state, buddy_not_committed,
no_show_too_early, no_show_window_closed, rate_limited.';
revoke all on function wingman.make_no_show_report(uuid, text, text, uuid) from public, anon, authenticated, service_role;
