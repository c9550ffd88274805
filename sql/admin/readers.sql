create or replace view wingman_admin.readers as
select
    r.name,
    r.source,
    r.unread,
    r.unread_since,
    r.moved_at
from wingman.reader_lags() as r;

comment on view wingman_admin.readers is
'Who follows the journal or the ledger, and how far behind each is. A month of the journal is dropped only once all of them have
read it; remove an abandoned reader with wingman_admin.remove_reader';
comment on column wingman_admin.readers.name is 'The reader';
comment on column wingman_admin.readers.source is 'journal: wingman.events; ledger: wingman.reputation_events';
comment on column wingman_admin.readers.unread is
'How many events it has not read, counted up to 100000; for the inbox, plus the reminders that are due';
comment on column wingman_admin.readers.unread_since is 'When the oldest of these happened; null if there are none';
comment on column wingman_admin.readers.moved_at is 'When it last read something';

revoke all on table wingman_admin.readers from public, anon, authenticated, service_role;
grant select on table wingman_admin.readers to wingman_admin, service_role;
