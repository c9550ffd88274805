create or replace function wingman.refuse_closed_report(report wingman.no_show_reports)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _status text := wingman.no_show_status_at(
        refuse_closed_report.report.status, refuse_closed_report.report.decide_by, statement_timestamp()
    );
begin
    if _status not in ('open', 'contested') then
        perform wingman.raise_error('no_show_already_decided', jsonb_build_object('status', _status));
    end if;
end
$$;

comment on function wingman.refuse_closed_report(wingman.no_show_reports) is
'Refuses a report of a no-show about which nothing can be done any more. Errors: no_show_already_decided.';
revoke all on function wingman.refuse_closed_report(wingman.no_show_reports) from public, anon, authenticated, service_role;
