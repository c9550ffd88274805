create or replace view wingman_admin.user_reports as
select
    r.id,
    r.created_at,
    r.reporter_id,
    r.subject_id,
    r.reason,
    n.reports_about_subject,
    r.status,
    r.taken_by,
    r.taken_at,
    r.decided_at
from wingman.user_reports as r
left join lateral (
    select count(*) as reports_about_subject
    from wingman.user_reports as o
    where o.subject_id = r.subject_id
) as n on true;

comment on view wingman_admin.user_reports is 'What people report about others; newer ids sort later';
comment on column wingman_admin.user_reports.id is 'The report, UUID version 7';
comment on column wingman_admin.user_reports.created_at is 'When it was reported';
comment on column wingman_admin.user_reports.reporter_id is 'The person who reports';
comment on column wingman_admin.user_reports.subject_id is 'The person reported';
comment on column wingman_admin.user_reports.reason is
'What happened, in the reporter''s words; null once it is decided and one of the two is erased';
comment on column wingman_admin.user_reports.reports_about_subject is 'How many reports there are about this person';
comment on column wingman_admin.user_reports.status is 'open, taken, resolved or dismissed';
comment on column wingman_admin.user_reports.taken_by is 'The login of the operator who took it last';
comment on column wingman_admin.user_reports.taken_at is 'When that was';
comment on column wingman_admin.user_reports.decided_at is 'When it was resolved or dismissed; wingman_admin.decisions says why';

revoke all on table wingman_admin.user_reports from public, anon, authenticated, service_role;
grant select on table wingman_admin.user_reports to wingman_admin, service_role;
