create or replace view wingman_admin.report_queue as
select
    q.id as report_id,
    q.created_at,
    q.status,
    q.taken_by,
    q.subject_id,
    q.reporter_id,
    q.reason,
    n.matched_reporters,
    statement_timestamp() - q.created_at as waiting
from wingman.user_reports as q
left join lateral (
    select count(distinct o.reporter_id) as matched_reporters
    from wingman.user_reports as o
    inner join public.wingman_matches as m
        on m.user1_id = least(o.reporter_id, o.subject_id) and m.user2_id = greatest(o.reporter_id, o.subject_id)
    where o.subject_id = q.subject_id
) as n on true
where q.decided_at is null
order by n.matched_reporters desc, q.id asc;

comment on view wingman_admin.report_queue is
'The reports that are not decided: first those about people whom most of their buddies report, then the oldest. Reads the reports
about these people and no others';
comment on column wingman_admin.report_queue.report_id is 'The report: take_report and resolve_report take it';
comment on column wingman_admin.report_queue.created_at is 'When it was reported';
comment on column wingman_admin.report_queue.waiting is 'How long ago that was';
comment on column wingman_admin.report_queue.status is 'open or taken';
comment on column wingman_admin.report_queue.taken_by is 'The login of the operator who looks into it';
comment on column wingman_admin.report_queue.subject_id is 'The person reported';
comment on column wingman_admin.report_queue.matched_reporters is
'How many different people who were ever matched with this person have reported it, decided reports included';
comment on column wingman_admin.report_queue.reporter_id is 'The person who reports';
comment on column wingman_admin.report_queue.reason is 'What happened, in the reporter''s words';

revoke all on table wingman_admin.report_queue from public, anon, authenticated, service_role;
grant select on table wingman_admin.report_queue to wingman_admin, service_role;
