create or replace function wingman.notifications_between(user_id uuid, after uuid, up_to uuid, max_rows integer)
returns setof public.notification
language plpgsql
stable
security definer
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select n.*
    from wingman.notifications_of(
        array(
            select w.id
            from public.wingman_notifications as w
            where w.user_id = notifications_between.user_id
                and w.id > notifications_between.after
                and w.id <= notifications_between.up_to
            order by w.id
            limit notifications_between.max_rows
        ),
        notifications_between.user_id
    ) as n
    order by n.id;
end
$$;

comment on function wingman.notifications_between(uuid, uuid, uuid, integer) is
'For servers that push: a user''s notifications after one id and up to another, oldest first, at most max_rows';
revoke all on function wingman.notifications_between(uuid, uuid, uuid, integer) from public, anon, authenticated, service_role;
grant execute on function wingman.notifications_between(uuid, uuid, uuid, integer) to service_role;
