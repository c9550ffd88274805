-- file: sql/admin/maintenance_backlog.sql
drop view wingman_admin.maintenance_backlog;

-- file: sql/admin/queue_counts.sql
drop view wingman_admin.queue_counts;

-- file: sql/admin/standing.sql
drop view wingman_admin.standing;

-- file: sql/admin/waiting_places.sql
drop view wingman_admin.waiting_places;

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
        (
            select count(*)
            from unnest(s.exposures) as e (found_at)
            where e.found_at > statement_timestamp() - t.exposure_window
        ) as exposures
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

-- file: sql/admin/no_show_counts.sql
drop view wingman_admin.no_show_counts;

-- file: sql/admin/no_show_reports.sql
drop view wingman_admin.no_show_reports;

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
