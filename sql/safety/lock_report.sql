create or replace function wingman.lock_report(report_id uuid)
returns wingman.user_reports
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _report wingman.user_reports;
begin
    select r.* into _report
    from wingman.user_reports as r
    where r.id = lock_report.report_id
    for no key update;
    if not found then
        perform wingman.raise_error('report_not_found');
    elsif _report.decided_at is not null then
        perform wingman.raise_error('report_already_decided', jsonb_build_object('status', _report.status));
    end if;

    return _report;
end
$$;

comment on function wingman.lock_report(uuid) is
'Locks a report that is not decided yet, and returns it as it is once the lock is held.
Errors: report_not_found, report_already_decided.';
revoke all on function wingman.lock_report(uuid) from public, anon, authenticated, service_role;
