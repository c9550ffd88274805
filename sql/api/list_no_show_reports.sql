create or replace function public.list_no_show_reports(
    session_id uuid default null,
    before uuid default null,
    page_size integer default 20,
    user_id uuid default null
)
returns setof public.no_show_report
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.*
    from wingman.list_no_show_reports(
        list_no_show_reports.session_id,
        list_no_show_reports.before,
        list_no_show_reports.page_size,
        list_no_show_reports.user_id
    ) as r;
end
$$;

comment on function public.list_no_show_reports(uuid, uuid, integer, uuid) is
'Lists the reports of no-shows by and about the caller, newest first.
session_id: only those of this session.
before: only reports older than this id; the id of the last report of the page before.
page_size: 1 to 100.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the reports; none for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_no_show_reports(uuid, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_no_show_reports(uuid, uuid, integer, uuid) to authenticated, service_role, wingman_admin;
