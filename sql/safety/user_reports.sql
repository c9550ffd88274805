create table wingman.user_reports (
    id uuid constraint user_reports_pkey primary key default wingman.new_id(),
    reporter_id uuid not null,
    subject_id uuid not null,
    reason text constraint user_reports_reason_check check (wingman.report_violation(reason) is null),
    created_at timestamptz not null default statement_timestamp(),
    status text not null default 'open'
    constraint user_reports_status_check check (status in ('open', 'taken', 'resolved', 'dismissed')),
    taken_by text,
    taken_at timestamptz,
    decided_at timestamptz,
    constraint user_reports_text_check check (reason is not null or decided_at is not null),
    constraint user_reports_two_people_check check (reporter_id <> subject_id),
    constraint user_reports_taken_check check (
        (status = 'open') = (taken_by is null) and (taken_by is null) = (taken_at is null)
    ),
    constraint user_reports_decided_check check ((status in ('resolved', 'dismissed')) = (decided_at is not null))
);

create index user_reports_subject_idx on wingman.user_reports (subject_id, id);
create index user_reports_reporter_idx on wingman.user_reports (reporter_id, id);
create index user_reports_undecided_idx on wingman.user_reports (id) where decided_at is null;

comment on table wingman.user_reports is
'What people report about others, for operators. User ids have no foreign keys: reports outlive accounts';
comment on column wingman.user_reports.id is 'UUID version 7: newer reports sort later';
comment on column wingman.user_reports.reporter_id is 'The person who reports';
comment on column wingman.user_reports.subject_id is 'The person reported';
comment on column wingman.user_reports.reason is
'What happened, in the reporter''s words, 1 to 2000 characters; null once it is decided and one of the two is erased';
comment on column wingman.user_reports.created_at is 'When it was reported';
comment on column wingman.user_reports.status is
'open: nobody looks into it; taken: taken_by does; resolved: an operator acted on it; dismissed: there was nothing to act on';
comment on column wingman.user_reports.taken_by is 'The login of the operator who took it last, null while it is open';
comment on column wingman.user_reports.taken_at is 'When that was';
comment on column wingman.user_reports.decided_at is 'When it was resolved or dismissed';

revoke all on table wingman.user_reports from public, anon, authenticated, service_role;
