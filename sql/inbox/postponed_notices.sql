-- derived: read from the journal
create table wingman.postponed_notices (
    notice wingman.notice not null
);

comment on table wingman.postponed_notices is
'What could not be told yet, because another transaction is about to erase whom it is for. The next run tells it, or drops it with
its reader; almost always empty';
comment on column wingman.postponed_notices.notice is 'What is to be told';

revoke all on table wingman.postponed_notices from public, anon, authenticated, service_role;
