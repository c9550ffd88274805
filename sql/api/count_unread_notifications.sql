create or replace function public.count_unread_notifications(user_id uuid default null)
returns public.notification_count
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.count_unread_notifications(count_unread_notifications.user_id);
end
$$;

comment on function public.count_unread_notifications(uuid) is
'Counts the caller''s notifications that are unread and still useful.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: how many; 0 for a user without a profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.';
revoke all on function public.count_unread_notifications(uuid) from public, anon, authenticated, service_role;
grant execute on function public.count_unread_notifications(uuid) to authenticated, service_role, wingman_admin;
