create or replace function wingman.take_back_no_show_report(session_id uuid, user_id uuid)
returns public.no_show_report
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
    _report wingman.no_show_reports;
begin
    perform wingman.session_buddy(take_back_no_show_report.session_id, take_back_no_show_report.user_id);
    _session := wingman.lock_session(take_back_no_show_report.session_id);
    -- an erasure for which this call has waited must not be followed by the answer to who is gone
    perform wingman.require_profile(take_back_no_show_report.user_id);
    select r.* into _report
    from wingman.no_show_reports as r
    where r.session_id = _session.id and r.reporter_id = take_back_no_show_report.user_id;
    if not found then
        perform wingman.raise_error('no_show_not_found');
    elsif _report.status <> 'withdrawn' then
        perform wingman.refuse_closed_report(_report);
        perform wingman.drop_no_show_report(_session.id, take_back_no_show_report.user_id);
        select r.* into strict _report from wingman.no_show_reports as r where r.id = _report.id;
    end if;
    return wingman.no_show_report_of(_report, take_back_no_show_report.user_id);
end
$$;

comment on function wingman.take_back_no_show_report(uuid, uuid) is
'Withdraws, for the person who made it, a report of a no-show; once withdrawn it stays so. Errors: session_not_found,
not_session_participant, no_show_not_found, no_show_already_decided.';
revoke all on function wingman.take_back_no_show_report(uuid, uuid) from public, anon, authenticated, service_role;
