create or replace function wingman.drop_no_show_report(session_id uuid, user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.no_show_reports as r
    set status = 'withdrawn', closed_at = statement_timestamp()
    where r.session_id = drop_no_show_report.session_id
        and r.reporter_id = drop_no_show_report.user_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
end
$$;

comment on function wingman.drop_no_show_report(uuid, uuid) is
'Withdraws the undecided report that a person made about a session, whose row the caller has locked, if there is one';
revoke all on function wingman.drop_no_show_report(uuid, uuid) from public, anon, authenticated, service_role;
