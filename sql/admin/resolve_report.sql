create or replace function wingman_admin.resolve_report(report_id uuid, outcome text, note text)
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
    _violation wingman.violation := wingman.decision_violation(resolve_report.note);
begin
    perform wingman.begin_operation('resolve_report');
    perform wingman.require_argument('report_id', resolve_report.report_id is not null);
    perform wingman.require_argument('outcome', resolve_report.outcome is not null);
    perform wingman.require_argument('note', resolve_report.note is not null);
    if resolve_report.outcome not in ('resolved', 'dismissed') then
        perform wingman.refuse_violation(row('outcome', 'must be resolved or dismissed')::wingman.violation);
    elsif _violation.argument is not null then
        perform wingman.refuse_violation(row('note', _violation.rule)::wingman.violation);
    end if;
    select r.* into _report from wingman.lock_report(resolve_report.report_id) as r;
    if _report.taken_by is distinct from session_user then
        perform wingman.raise_error('report_not_taken');
    end if;

    perform wingman.record_decision('report_' || resolve_report.outcome, _report.id, null, resolve_report.note);
    update wingman.user_reports as r
    set
        status = resolve_report.outcome,
        decided_at = statement_timestamp(),
        -- of somebody who is gone only undecided reports keep their text
        reason = case
            when (select count(*) from public.user_profiles as p where p.id in (r.reporter_id, r.subject_id)) = 2 then r.reason
        end
    where r.id = _report.id;

    perform wingman.end_operation();
    return row(true, 'Report ' || resolve_report.outcome || '.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('resolve_report');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.resolve_report(uuid, text, text) is
'Decides a report that you have taken; the decision is final.
outcome: resolved: you acted on it; dismissed: there was nothing to act on. note: what you found and did, 1 to 500 characters, kept
in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, report_not_found, report_already_decided, report_not_taken, busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.resolve_report(uuid, text, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.resolve_report(uuid, text, text) to wingman_admin, service_role;
