create or replace function wingman.count_unread_notifications(user_id uuid)
returns public.notification_count
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.count_unread(
        wingman.require_profile(wingman.acting_user_id(count_unread_notifications.user_id), or_null => true)
    );
end
$$;

comment on function wingman.count_unread_notifications(uuid) is 'Engine of public.count_unread_notifications';
revoke all on function wingman.count_unread_notifications(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.count_unread_notifications(uuid) to authenticated, service_role, wingman_admin;
