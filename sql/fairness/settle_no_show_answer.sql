create or replace function wingman.settle_no_show_answer(session_id uuid, answer text, statement text, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _report wingman.no_show_reports;
begin
    perform wingman.session_buddy(settle_no_show_answer.session_id, settle_no_show_answer.user_id);
    _session := wingman.lock_no_show(settle_no_show_answer.session_id);
    -- an erasure for which this call has waited must not be followed by words of who is gone
    perform wingman.require_profile(settle_no_show_answer.user_id);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.accused_id = settle_no_show_answer.user_id;
    if not found then
        perform wingman.raise_error('no_show_not_found');
    elsif wingman.no_show_status_at(_report.status, _report.decide_by, statement_timestamp()) = settle_no_show_answer.answer then
        return wingman.no_show_report_of(_report, settle_no_show_answer.user_id);
    end if;
    perform wingman.refuse_closed_report(_report);
    if _report.status = 'contested' then
        perform wingman.raise_error('no_show_already_answered');
    end if;

    update wingman.no_show_reports as r
    set
        status = settle_no_show_answer.answer,
        statement = settle_no_show_answer.statement,
        answered_at = statement_timestamp(),
        closed_at = case settle_no_show_answer.answer when 'admitted' then statement_timestamp() end
    where r.id = _report.id
    returning r.* into _report;
    if settle_no_show_answer.answer = 'admitted' then
        perform wingman.record_no_show(_session, array[settle_no_show_answer.user_id]);
    end if;
    return wingman.no_show_report_of(_report, settle_no_show_answer.user_id);
end
$$;

comment on function wingman.settle_no_show_answer(uuid, text, text, uuid) is
'Admits or contests, for the person reported, a report of a no-show; the same answer again changes nothing. answer: admitted
or contested.
Errors: session_not_found, not_session_participant, no_show_not_found, no_show_already_decided, no_show_already_answered.';
revoke all on function wingman.settle_no_show_answer(uuid, text, text, uuid) from public, anon, authenticated, service_role;
