create or replace view wingman_admin.queue_counts as
select
    'reports' as queue,
    count(*) as waiting,
    min(r.created_at) as oldest_at
from wingman.user_reports as r
where r.decided_at is null
union all
select
    'no_shows' as queue,
    count(*) as waiting,
    min(r.created_at) as oldest_at
from wingman.no_show_reports as r
where r.closed_at is null and r.decide_by > statement_timestamp()
union all
select
    'overdue_sessions' as queue,
    count(*) as waiting,
    min(s.scheduled_time) as oldest_at
from public.wingman_sessions as s
where s.is_active and wingman.is_active_session(s.status) and s.scheduled_time < statement_timestamp() - interval '24 hours'
union all
select
    'dead_deliveries' as queue,
    count(*) as waiting,
    min(d.settled_at) as oldest_at
from wingman.notification_deliveries as d
where d.state = 'dead';

comment on view wingman_admin.queue_counts is
'How much waits for an operator in each queue. Counts what waits, by the indexes of the queues, and reads nothing else';
comment on column wingman_admin.queue_counts.queue is
'reports: wingman_admin.report_queue; no_shows: no_show_queue; overdue_sessions; dead_deliveries';
comment on column wingman_admin.queue_counts.waiting is 'How many wait';
comment on column wingman_admin.queue_counts.oldest_at is
'When the oldest of them was reported or given up, or was to take place; null if none waits';

revoke all on table wingman_admin.queue_counts from public, anon, authenticated, service_role;
grant select on table wingman_admin.queue_counts to wingman_admin, service_role;
