-- derived: read from the journal
create table wingman.postponed_notices (
    id uuid constraint postponed_notices_pkey primary key default wingman.new_id(),
    notice wingman.notice not null,
    postponed_at timestamptz not null default statement_timestamp()
);

comment on table wingman.postponed_notices is
'What could not be told yet, because another transaction is about to erase whom it is for. The next run tells it, or drops it with
its reader; almost always empty';
comment on column wingman.postponed_notices.id is 'UUID version 7';
comment on column wingman.postponed_notices.notice is 'What is to be told';
comment on column wingman.postponed_notices.postponed_at is 'Since when; whoever has come back by the same id later is not told';

revoke all on table wingman.postponed_notices from public, anon, authenticated, service_role;
