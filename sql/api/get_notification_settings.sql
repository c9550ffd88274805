create or replace function public.get_notification_settings(user_id uuid default null)
returns setof public.notification_settings
language plpgsql
stable
rows 2
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select r.* from wingman.get_notification_settings(get_notification_settings.user_id) as r;
end
$$;

comment on function public.get_notification_settings(uuid) is
'Reads which notifications the caller gets outside the app, by e-mail and by web push, and when.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one row for each channel, email first.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_notification_settings(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_notification_settings(uuid) to authenticated, service_role, wingman_admin;
