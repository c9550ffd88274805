create or replace function wingman.close_no_show_reports(session_id uuid, absent_user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.no_show_reports as r
    set
        status = case when r.accused_id = any(close_no_show_reports.absent_user_ids) then 'upheld' else 'dismissed' end,
        closed_at = statement_timestamp()
    where r.session_id = close_no_show_reports.session_id
        and wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) in ('open', 'contested');
end
$$;

comment on function wingman.close_no_show_reports(uuid, uuid[]) is
'Decides the undecided reports of a session, which the caller has locked: upheld about those who were absent, dismissed about
the others';
revoke all on function wingman.close_no_show_reports(uuid, uuid[]) from public, anon, authenticated, service_role;
