-- derived: read from the journal
create table wingman.postponed_notices (
    id uuid constraint postponed_notices_pkey primary key default wingman.new_id(),
    notice wingman.notice not null,
    postponed_at timestamptz not null default statement_timestamp()
);

comment on table wingman.postponed_notices is
'Notifications that were not written because another transaction was erasing the user. The next run writes them, or drops them if
the user is gone. Almost always empty';
comment on column wingman.postponed_notices.id is 'UUID version 7';
comment on column wingman.postponed_notices.notice is 'The notification';
comment on column wingman.postponed_notices.postponed_at is
'When it was postponed; a user who has returned with the same id since is not told';

revoke all on table wingman.postponed_notices from public, anon, authenticated, service_role;
