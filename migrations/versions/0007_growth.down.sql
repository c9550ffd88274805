-- file: sql/admin/maintenance_backlog.sql
drop view wingman_admin.maintenance_backlog;

-- file: sql/admin/queue_counts.sql
drop view wingman_admin.queue_counts;

-- file: sql/admin/standing.sql
drop view wingman_admin.standing;

-- file: sql/admin/waiting_places.sql
drop view wingman_admin.waiting_places;

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
