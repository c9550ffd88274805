create or replace function wingman.list_notifications(before uuid, page_size integer, unread_only boolean, user_id uuid)
returns setof public.notification
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(list_notifications.user_id), or_null => true);
begin
    perform wingman.check_page(list_notifications.page_size);
    perform wingman.require_argument('unread_only', list_notifications.unread_only is not null);

    return query
    select n.*
    from wingman.notifications_of(
        array(
            select w.id
            from public.wingman_notifications as w
            where w.user_id = _me
                and (list_notifications.before is null or w.id < list_notifications.before)
                and (not list_notifications.unread_only or w.read_at is null)
            order by w.id desc
            limit list_notifications.page_size
        ),
        _me
    ) as n;
end
$$;

comment on function wingman.list_notifications(uuid, integer, boolean, uuid) is 'Engine of public.list_notifications';
revoke all on function wingman.list_notifications(uuid, integer, boolean, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.list_notifications(uuid, integer, boolean, uuid) to authenticated, service_role, wingman_admin;
