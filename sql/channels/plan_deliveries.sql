create or replace function wingman.plan_deliveries(notification_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    insert into wingman.notification_deliveries (channel, kind, notification_id, user_id, target_id)
    select t.channel, w.kind, w.id, w.user_id, t.target_id
    from public.wingman_notifications as w
    cross join lateral wingman.targets_of(w.user_id, w.kind) as t
    where w.id = any(plan_deliveries.notification_ids)
    order by w.id;
end
$$;

comment on function wingman.plan_deliveries(uuid[]) is
'Writes the messages of new notifications, one for each target outside the app, in the transaction that writes the notifications';
revoke all on function wingman.plan_deliveries(uuid[]) from public, anon, authenticated, service_role;
