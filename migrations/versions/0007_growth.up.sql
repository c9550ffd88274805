-- file: sql/fairness/no_show_status_at.sql
create or replace function wingman.no_show_status_at(status text, decide_by timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status in ('open', 'contested') and decide_by <= moment then 'lapsed' else status end;

comment on function wingman.no_show_status_at(text, timestamptz, timestamptz) is
'Effective status of a report of a no-show at a moment: undecided it counts as lapsed from decide_by on. Nothing has to settle
it';
revoke all on function wingman.no_show_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
-- an operators' view calls it as who asks
grant execute on function wingman.no_show_status_at(text, timestamptz, timestamptz) to wingman_admin, service_role;

-- file: sql/admin/no_show_reports.sql
create or replace view wingman_admin.no_show_reports as
select
    r.id,
    r.created_at,
    r.session_id,
    r.reporter_id,
    r.accused_id,
    r.reason,
    r.note,
    r.statement,
    r.answer_by,
    r.decide_by,
    r.answered_at,
    r.closed_at,
    wingman.no_show_status_at(r.status, r.decide_by, statement_timestamp()) as status
from wingman.no_show_reports as r;

comment on view wingman_admin.no_show_reports is
'All reports of no-shows, with what became of them; newer ids sort later. Filter by session_id, reporter_id or accused_id: these
find rows without reading all of them. wingman_admin.no_show_queue has those that wait for a decision';
comment on column wingman_admin.no_show_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.no_show_reports.created_at is 'When it was reported';
comment on column wingman_admin.no_show_reports.session_id is 'The session: decide_no_show takes it';
comment on column wingman_admin.no_show_reports.status is
'open, contested, admitted, withdrawn, upheld, dismissed, or lapsed once decide_by has passed without a decision';
comment on column wingman_admin.no_show_reports.reporter_id is 'Who reports';
comment on column wingman_admin.no_show_reports.accused_id is 'Who is reported';
comment on column wingman_admin.no_show_reports.reason is 'did_not_come, came_too_late or left_early';
comment on column wingman_admin.no_show_reports.note is 'What the person who reports adds, for operators only';
comment on column wingman_admin.no_show_reports.statement is 'What the person reported says to it, for operators only';
comment on column wingman_admin.no_show_reports.answer_by is 'From then on it can be decided without an answer';
comment on column wingman_admin.no_show_reports.decide_by is 'When it lapses';
comment on column wingman_admin.no_show_reports.answered_at is 'When it was admitted or contested';
comment on column wingman_admin.no_show_reports.closed_at is 'When it was admitted, withdrawn or decided';

revoke all on table wingman_admin.no_show_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_reports to wingman_admin, service_role;

-- file: sql/admin/no_show_counts.sql
create or replace view wingman_admin.no_show_counts as
select
    r.status,
    count(*) as reports
from wingman_admin.no_show_reports as r
where r.id >= wingman.first_id_at(wingman.history_start())
group by r.status
order by r.status asc;

comment on view wingman_admin.no_show_counts is
'What became of the reports of no-shows of the last thirty days. Finds them by the primary key and reads no older ones';
comment on column wingman_admin.no_show_counts.status is
'open, contested, admitted, withdrawn, upheld, dismissed, or lapsed once it can no longer be decided';
comment on column wingman_admin.no_show_counts.reports is 'How many';

revoke all on table wingman_admin.no_show_counts from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_counts to wingman_admin, service_role;

-- file: sql/admin/waiting_seekers.sql
create or replace view wingman_admin.waiting_seekers as
with seekers as (
    select
        s.waiting_since,
        t.exposure_limit,
        case
            when s.waiting_since > statement_timestamp() - interval '1 hour' then 'up to an hour'
            when s.waiting_since > statement_timestamp() - interval '24 hours' then 'up to a day'
            when s.waiting_since > statement_timestamp() - interval '168 hours' then 'up to a week'
            else 'longer'
        end as waiting,
        case
            when s.exposures = '{}' then 0
            else (
                select count(*)
                from unnest(s.exposures) as e (found_at)
                where e.found_at > statement_timestamp() - t.exposure_window
            )
        end as exposures
    from wingman.matchmaking_pool as s
    cross join wingman.settings as t
    where s.pending_match_id is null and not s.paused and not s.suspended
)

select
    w.waiting,
    count(*) as people,
    statement_timestamp() - min(w.waiting_since) as longest,
    sum(w.exposures)::bigint as exposures,
    count(*) filter (where w.exposures = 0) as never_found,
    count(*) filter (where w.exposures >= w.exposure_limit) as at_exposure_limit
from seekers as w
group by w.waiting;

comment on view wingman_admin.waiting_seekers is
'How long those who could be matched now have been waiting, and how often they have been found meanwhile. Reads every seeker once
and no history, so its cost grows with the number of people';
comment on column wingman_admin.waiting_seekers.waiting is 'up to an hour, up to a day, up to a week, longer';
comment on column wingman_admin.waiting_seekers.people is 'How many are free and have waited that long';
comment on column wingman_admin.waiting_seekers.longest is 'The longest wait among them';
comment on column wingman_admin.waiting_seekers.exposures is
'How often the searches of others found them, within settings.exposure_window';
comment on column wingman_admin.waiting_seekers.never_found is 'How many were not found at all within that time';
comment on column wingman_admin.waiting_seekers.at_exposure_limit is
'How many cannot be found now because they were found settings.exposure_limit times';

revoke all on table wingman_admin.waiting_seekers from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_seekers to wingman_admin, service_role;

-- file: sql/admin/waiting_places.sql
create or replace view wingman_admin.waiting_places as
select
    p.lat,
    p.lng,
    p.people
from (
    select
        c.lat,
        c.lng,
        -- rounded down, so that the arrival of one person shows only now and then
        (count(*) / 5 * 5)::integer as people
    from (
        select
            -- the point at the pole belongs to the last cell before it
            least((s.grid_lat + 9000) / 100, 179) - 90 as lat,
            -- 18000 stands for -18000
            (s.grid_lng + 18000) / 100 % 360 - 180 as lng
        from wingman.matchmaking_pool as s
        where
            s.pending_match_id is null
            and not s.paused
            and not wingman.is_suspended(s.suspended, s.suspended_until)
    ) as c
    group by c.lat, c.lng
) as p
where p.people > 0
order by p.people desc, p.lat asc, p.lng asc;

comment on view wingman_admin.waiting_places is
'Where people wait: how many could be matched now, on one fixed grid of one degree. It is made so that nobody can be found by it:
it starts from the grid of the search and not from exact places, rounds down to fives, leaves out cells with fewer than five people,
and cannot be narrowed to a kind of people. Reads every seeker once, so its cost grows with the number of people';
comment on column wingman_admin.waiting_places.lat is 'Latitude of the cell''s southern edge, in whole degrees: -90 to 89';
comment on column wingman_admin.waiting_places.lng is 'Longitude of the cell''s western edge, in whole degrees: -180 to 179';
comment on column wingman_admin.waiting_places.people is 'How many wait there, rounded down to a multiple of five';

revoke all on table wingman_admin.waiting_places from public, anon, authenticated, service_role;
grant select on table wingman_admin.waiting_places to wingman_admin, service_role;

-- file: sql/admin/standing.sql
create or replace view wingman_admin.standing as
with pool as (
    select
        case
            when wingman.is_suspended(s.suspended, s.suspended_until) then 'suspended'
            when s.paused and s.paused_automatically then 'paused_automatically'
            when s.paused then 'paused'
            when s.pending_match_id is not null then 'offered'
            when s.cooldown_until > statement_timestamp() then 'cooldown'
            else 'free'
        end as state
    from wingman.matchmaking_pool as s
),

counted as (
    select
        p.state,
        count(*) as people
    from pool as p
    group by p.state
)

select
    w.state,
    coalesce(c.people, 0) as people
from
    unnest(array['free', 'cooldown', 'offered', 'paused', 'paused_automatically', 'suspended'])
    with ordinality as w (state, place)
left join counted as c on w.state = c.state
order by w.place asc;

comment on view wingman_admin.standing is
'How many people can be matched now, and what keeps the others from it: everybody with a location, in the first state that
applies. Reads everybody in the pool once, so its cost grows with the number of people';
comment on column wingman_admin.standing.state is
'suspended; paused_automatically: after offers left to expire; paused; offered: with a pending match; cooldown: after a no-show,
can be found and cannot search; free';
comment on column wingman_admin.standing.people is 'How many';

revoke all on table wingman_admin.standing from public, anon, authenticated, service_role;
grant select on table wingman_admin.standing to wingman_admin, service_role;

-- file: sql/admin/queue_counts.sql
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

-- file: sql/admin/maintenance_backlog.sql
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
