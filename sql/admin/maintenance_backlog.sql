-- noqa: disable=LT02
create or replace view wingman_admin.maintenance_backlog as
with matches as (
    select min(d.due_at) as due_at from wingman.due_matches as d
),

keys as (
    select min(k.created_at) as created_at from wingman.idempotency_keys as k
),

notifications as (
    select min(w.created_at) as created_at
    from (
        select n.created_at
        from public.wingman_notifications as n
        order by n.id asc
        limit 1
    ) as w
),

deliveries as (
    select min(d.settled_at) as settled_at from wingman.notification_deliveries as d
),

unplaced as (
    select min(e.occurred_at) as occurred_at from wingman.events_default as e
)

select
    v.work,
    case when v.due_at <= statement_timestamp() then v.due_at end as due_since
from wingman.settings as t
cross join matches as m
cross join keys as k
cross join notifications as n
cross join deliveries as d
cross join unplaced as u
cross join lateral (
    values
    (1, 'settle_matches', m.due_at),
    (2, 'purge_keys', k.created_at + t.idempotency_retention),
    (3, 'purge_notifications', n.created_at + t.notification_retention),
    (4, 'purge_deliveries', d.settled_at + t.delivery_retention),
    (5, 'make_partitions', u.occurred_at)
) as v (place, work, due_at)
order by v.place asc;

comment on view wingman_admin.maintenance_backlog is
'What wingman.run_maintenance has to do, and since when: if it runs as it should, nothing has been due for long. Reads one end of
an index for each';
comment on column wingman_admin.maintenance_backlog.work is
'settle_matches: that lapsed; purge_keys: idempotency keys; purge_notifications; purge_deliveries: messages; make_partitions: of
the journal, which has rows outside every month';
comment on column wingman_admin.maintenance_backlog.due_since is 'Since when the first of it has been due; null if none is';

revoke all on table wingman_admin.maintenance_backlog from public, anon, authenticated, service_role;
grant select on table wingman_admin.maintenance_backlog to wingman_admin, service_role;
