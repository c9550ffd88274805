create or replace function wingman.get_notification_settings(user_id uuid)
returns setof public.notification_settings
language plpgsql
stable
security definer
rows 2
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_notification_settings.user_id));
begin
    return query select s.* from wingman.notification_settings_of(_me) as s;
end
$$;

comment on function wingman.get_notification_settings(uuid) is 'Engine of public.get_notification_settings';
revoke all on function wingman.get_notification_settings(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_notification_settings(uuid) to authenticated, service_role, wingman_admin;
