create or replace view wingman_admin.delivery_backlog as
select
    b.channel,
    b.state,
    b.messages,
    b.oldest_at,
    b.due_since
from wingman.delivery_backlogs() as b
where b.messages > 0
order by b.channel asc, b.state asc;

comment on view wingman_admin.delivery_backlog is
'How many messages are still to be sent or were given up, by channel and state. Reads only these messages';
comment on column wingman_admin.delivery_backlog.channel is 'email, web_push, webhook or realtime';
comment on column wingman_admin.delivery_backlog.state is
'due: to be sent now; waiting: for a retry or the end of quiet hours; claimed: a worker is sending it; dead: given up, see
dead_deliveries';
comment on column wingman_admin.delivery_backlog.messages is 'How many';
comment on column wingman_admin.delivery_backlog.oldest_at is 'When the oldest of them was written';
comment on column wingman_admin.delivery_backlog.due_since is
'When the first of the due messages became due that no worker has looked at yet; else null';

revoke all on table wingman_admin.delivery_backlog from public, anon, authenticated, service_role;
grant select on table wingman_admin.delivery_backlog to wingman_admin, service_role;
