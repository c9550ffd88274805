-- derived: how far the journal has been read means nothing without the journal
create table wingman.readers (
    name text constraint readers_pkey primary key,
    source text not null constraint readers_source_check check (source in ('journal', 'ledger')),
    seen pg_snapshot not null,
    target pg_snapshot not null,
    place_xid xid8,
    place_id bigint,
    first_id bigint not null default 0,
    last_id bigint not null default 0,
    cluster_id bigint not null,
    moved_at timestamptz not null default statement_timestamp(),
    constraint readers_place_check check ((place_xid is null) = (place_id is null))
);

comment on table wingman.readers is
'Who follows the journal or the ledger, and how far each has come. wingman.open_reader creates a row; reading moves it, in the
same transaction as the work on what was read';
comment on column wingman.readers.name is 'What the reader is called';
comment on column wingman.readers.source is 'journal: wingman.events; ledger: wingman.reputation_events';
comment on column wingman.readers.seen is 'All that this snapshot sees has been read';
comment on column wingman.readers.target is
'The end of the window being read, which is what this snapshot sees and seen does not. Equal to seen while no window is open';
comment on column wingman.readers.place_xid is
'Rows of the window up to (place_xid, place_id) have been read; null while no window is open';
comment on column wingman.readers.place_id is 'See place_xid';
comment on column wingman.readers.first_id is
'Ids up to this one were written before the database moved to this cluster; wingman.reader_backlogs says which of them are
unread';
comment on column wingman.readers.last_id is
'The last id assigned when target was taken: nothing that target sees has a greater one';
comment on column wingman.readers.cluster_id is 'The cluster in which the snapshots are valid, wingman.cluster_id()';
comment on column wingman.readers.moved_at is 'When it last read something';

revoke all on table wingman.readers from public, anon, authenticated, service_role;
