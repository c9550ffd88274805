create or replace view wingman_admin.dead_deliveries as
select
    d.id,
    d.channel,
    d.kind,
    d.user_id,
    d.attempts,
    d.last_error,
    d.created_at,
    d.settled_at
from wingman.notification_deliveries as d
where d.state = 'dead'
order by d.id desc;

comment on view wingman_admin.dead_deliveries is
'Messages that were given up, newest first: send one again with requeue_delivery, or drop it with drop_delivery. Maintenance
removes them once they are older than settings.delivery_retention';
comment on column wingman_admin.dead_deliveries.id is 'The message: requeue_delivery and drop_delivery take it as delivery_id';
comment on column wingman_admin.dead_deliveries.channel is 'email, web_push, webhook or realtime';
comment on column wingman_admin.dead_deliveries.kind is 'A kind of notification, or email_confirmation';
comment on column wingman_admin.dead_deliveries.user_id is 'The user whose notification it is';
comment on column wingman_admin.dead_deliveries.attempts is 'How many attempts were made';
comment on column wingman_admin.dead_deliveries.last_error is 'Why the last one failed, as a code such as http_503 or timeout';
comment on column wingman_admin.dead_deliveries.created_at is 'When it was written';
comment on column wingman_admin.dead_deliveries.settled_at is 'When it was given up';

revoke all on table wingman_admin.dead_deliveries from public, anon, authenticated, service_role;
grant select on table wingman_admin.dead_deliveries to wingman_admin, service_role;
