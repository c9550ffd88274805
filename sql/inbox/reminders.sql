-- derived: planned from the journal
create table wingman.reminders (
    id uuid constraint reminders_pkey primary key default wingman.new_id(),
    due_at timestamptz not null,
    kind text not null constraint reminders_kind_check check (
        kind in ('match_expiring', 'session_reminder', 'agreement_reminder', 'confirmation_reminder')
    ),
    match_id uuid not null,
    session_id uuid,
    about timestamptz not null
);

create unique index reminders_once_idx on wingman.reminders (due_at, kind, (coalesce(session_id, match_id)));
create index reminders_session_idx on wingman.reminders (session_id) where session_id is not null;

comment on table wingman.reminders is
'Reminders to be told when they are due, if they still apply. The reader inbox plans them for each time that an event sets, so
that calls do no extra work';
comment on column wingman.reminders.id is 'UUID version 7';
comment on column wingman.reminders.due_at is 'When it is due';
comment on column wingman.reminders.kind is 'What it reminds of: a kind of wingman.notification_kinds()';
comment on column wingman.reminders.match_id is 'The match';
comment on column wingman.reminders.session_id is 'The session; null for a match that expires';
comment on column wingman.reminders.about is
'The time of the session or the end of the match for which it was planned; if that has changed, the reminder is not told';

revoke all on table wingman.reminders from public, anon, authenticated, service_role;
