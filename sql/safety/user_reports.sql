create table wingman.user_reports (
    id uuid constraint user_reports_pkey primary key default wingman.new_id(),
    reporter_id uuid not null,
    subject_id uuid not null,
    reason text not null constraint user_reports_reason_check check (wingman.report_violation(reason) is null),
    created_at timestamptz not null default statement_timestamp(),
    constraint user_reports_two_people_check check (reporter_id <> subject_id)
);

create index user_reports_subject_idx on wingman.user_reports (subject_id, id);

comment on table wingman.user_reports is
'What people report about others, for operators. User ids have no foreign keys: reports outlive accounts';
comment on column wingman.user_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.user_reports.reporter_id is 'The person who reports';
comment on column wingman.user_reports.subject_id is 'The person reported';
comment on column wingman.user_reports.reason is 'What happened, in the reporter''s words, 1 to 2000 characters';
comment on column wingman.user_reports.created_at is 'When it was reported';

revoke all on table wingman.user_reports from public, anon, authenticated, service_role;
