create or replace function public.list_notifications(
    before uuid default null,
    page_size integer default 20,
    unread_only boolean default false,
    user_id uuid default null
)
returns setof public.notification
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.list_notifications(
        list_notifications.before,
        list_notifications.page_size,
        list_notifications.unread_only,
        list_notifications.user_id
    ) as r;
end
$$;

comment on function public.list_notifications(uuid, integer, boolean, uuid) is
'Reads a page of the caller''s inbox, newest first.
before: the last id of the previous page.
page_size: 1 to 100 rows.
unread_only: leave out notifications that are marked as read.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page of notifications; empty for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_notifications(uuid, integer, boolean, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_notifications(uuid, integer, boolean, uuid) to authenticated, service_role, wingman_admin;
