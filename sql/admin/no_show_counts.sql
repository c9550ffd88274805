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
