create or replace function public.list_sessions(
    status text default null,
    before uuid default null,
    page_size integer default 20,
    user_id uuid default null
)
returns setof public.session_details
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.list_sessions(
        list_sessions.status,
        list_sessions.before,
        list_sessions.page_size,
        list_sessions.user_id
    ) as r;
end
$$;

comment on function public.list_sessions(text, uuid, integer, uuid) is
'Reads a page of the caller''s sessions, newest first.
status: one of session_status; null: all.
before: the last id of the previous page.
page_size: 1 to 100 rows.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: a page of sessions; empty for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, invalid_argument.';
revoke all on function public.list_sessions(text, uuid, integer, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_sessions(text, uuid, integer, uuid)
to authenticated, service_role, wingman_admin;
