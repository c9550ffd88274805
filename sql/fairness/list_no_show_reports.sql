create or replace function wingman.list_no_show_reports(session_id uuid, before uuid, page_size integer, user_id uuid)
returns setof public.no_show_report
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_no_show_reports.user_id), or_null => true);
begin
    perform wingman.check_page(list_no_show_reports.page_size);

    return query
    select d.*
    from (
        select r as report
        from wingman.no_show_reports as r
        where (r.reporter_id = _me or r.accused_id = _me)
            and (list_no_show_reports.session_id is null or r.session_id = list_no_show_reports.session_id)
            and (list_no_show_reports.before is null or r.id < list_no_show_reports.before)
        order by r.id desc
        limit list_no_show_reports.page_size
    ) as page
    cross join lateral wingman.no_show_report_of(page.report, _me) as d
    order by (page.report).id desc;
end
$$;

comment on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) is
'Engine of public.list_no_show_reports';
revoke all on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_no_show_reports(uuid, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
