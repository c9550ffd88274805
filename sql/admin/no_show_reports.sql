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
