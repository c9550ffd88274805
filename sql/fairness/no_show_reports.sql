create table wingman.no_show_reports (
    id uuid constraint no_show_reports_pkey primary key default wingman.new_id(),
    session_id uuid not null
    constraint no_show_reports_session_id_fkey references public.wingman_sessions (id) on delete cascade,
    reporter_id uuid not null,
    accused_id uuid not null,
    reason text not null
    constraint no_show_reports_reason_check check (reason in ('did_not_come', 'came_too_late', 'left_early')),
    note text constraint no_show_reports_note_check check (wingman.no_show_text_violation('note', note) is null),
    statement text
    constraint no_show_reports_statement_check check (wingman.no_show_text_violation('statement', statement) is null),
    status text not null default 'open',
    created_at timestamptz not null default statement_timestamp(),
    answer_by timestamptz not null,
    decide_by timestamptz not null,
    answered_at timestamptz,
    closed_at timestamptz,
    constraint no_show_reports_once unique (session_id, reporter_id),
    constraint no_show_reports_two_people_check check (reporter_id <> accused_id),
    constraint no_show_reports_time_check check (created_at < answer_by and answer_by < decide_by)
);

create index no_show_reports_reporter_idx on wingman.no_show_reports (reporter_id, id);
create index no_show_reports_accused_idx on wingman.no_show_reports (accused_id, id);
create index no_show_reports_undecided_idx on wingman.no_show_reports (decide_by) where closed_at is null;

comment on table wingman.no_show_reports is
'What one of the two people of a session reports about the other one, who did not come. User ids have no foreign keys: reports
outlive accounts';
comment on column wingman.no_show_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.no_show_reports.session_id is 'The session';
comment on column wingman.no_show_reports.reporter_id is 'Who reports';
comment on column wingman.no_show_reports.accused_id is 'Who is reported: the other one of the two';
comment on column wingman.no_show_reports.reason is
'Why, one of no_show_reason; the person reported sees it';
comment on column wingman.no_show_reports.note is
'Anything else, for operators only, 1 to 2000 characters; null without one, and once the reporter is erased';
comment on column wingman.no_show_reports.statement is
'What the person reported says to it, for operators only, 1 to 2000 characters; null without one, and once that person is erased';
comment on column wingman.no_show_reports.status is
'open, admitted, contested, withdrawn, upheld or dismissed; undecided past decide_by it counts as lapsed,
wingman.no_show_status_at';
comment on column wingman.no_show_reports.created_at is 'When it was reported';
comment on column wingman.no_show_reports.answer_by is 'From then on operators may decide without an answer';
comment on column wingman.no_show_reports.decide_by is 'From then on nobody can decide any more';
comment on column wingman.no_show_reports.answered_at is 'When it was admitted or contested';
comment on column wingman.no_show_reports.closed_at is 'When it was admitted, withdrawn, upheld or dismissed';

revoke all on table wingman.no_show_reports from public, anon, authenticated, service_role;
