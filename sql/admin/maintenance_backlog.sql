create or replace view wingman_admin.maintenance_backlog as
select
    v.work,
    case when v.due_at <= statement_timestamp() then v.due_at end as due_since
from wingman.settings as t
cross join lateral (
    values
    (1, 'settle_matches', (select min(d.due_at) from wingman.due_matches as d)),
    (
        2,
        'purge_keys',
        (select min(k.created_at) from wingman.idempotency_keys as k) + t.idempotency_retention
    ),
    (
        3,
        'purge_notifications',
        (select w.created_at from public.wingman_notifications as w order by w.id asc limit 1) + t.notification_retention
    ),
    (
        4,
        'purge_deliveries',
        (
            select min(d.settled_at)
            from wingman.notification_deliveries as d
        ) + t.delivery_retention
    ),
    (5, 'make_partitions', (select min(e.occurred_at) from wingman.events_default as e))
) as v (place, work, due_at)
order by v.place;

comment on view wingman_admin.maintenance_backlog is
'What wingman.run_maintenance has to do, and since when: if it runs as it should, nothing has been due for long. Reads one end of an
index for each';
comment on column wingman_admin.maintenance_backlog.work is
'settle_matches: that lapsed; purge_keys: idempotency keys; purge_notifications; purge_deliveries: messages; make_partitions: of the
journal, which has rows outside every month';
comment on column wingman_admin.maintenance_backlog.due_since is 'Since when the first of it has been due; null if none is';

revoke all on table wingman_admin.maintenance_backlog from public, anon, authenticated, service_role;
grant select on table wingman_admin.maintenance_backlog to wingman_admin, service_role;
