create or replace function wingman_admin.take_report(report_id uuid, reason text default 'To look into it')
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _report record;
begin
    perform wingman.begin_operation('take_report');
    perform wingman.require_argument('report_id', take_report.report_id is not null);
    perform wingman.require_argument('reason', take_report.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(take_report.reason));
    select r.* into _report from wingman.lock_report(take_report.report_id) as r;

    if _report.taken_by is distinct from session_user then
        perform wingman.record_decision(
            'report_taken', _report.id, jsonb_build_object('taken_from', _report.taken_by), take_report.reason
        );
        update wingman.user_reports as r
        set status = 'taken', taken_by = session_user, taken_at = statement_timestamp()
        where r.id = _report.id;
    end if;

    perform wingman.end_operation();
    return row(
        true, coalesce('Report taken over from ' || nullif(_report.taken_by, session_user) || '.', 'Report taken.')
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('take_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.take_report(uuid, text) is
'Takes a report, so that others see who looks into it; a report that another operator has taken passes to you.
Again by the same login: nothing changes. reason: why, 1 to 500 characters, kept in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.take_report(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.take_report(uuid, text) to wingman_admin, service_role;
