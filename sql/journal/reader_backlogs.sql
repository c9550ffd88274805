-- derived: what a reader had not read when its database moved to another cluster
create table wingman.reader_backlogs (
    reader text not null constraint reader_backlogs_reader_fkey references wingman.readers (name) on delete cascade,
    first_id bigint not null,
    last_id bigint not null,
    seen pg_snapshot not null,
    target pg_snapshot not null,
    place_xid xid8 not null,
    place_id bigint not null,
    target_id bigint not null,
    read_xid xid8 not null default '0',
    read_id bigint not null default 0,
    constraint reader_backlogs_pkey primary key (reader, first_id)
);

comment on table wingman.reader_backlogs is
'What a reader had not read when its database moved to another cluster by dump and restore; otherwise empty. A row is deleted once
it has been read';
comment on column wingman.reader_backlogs.reader is 'Whose backlog';
comment on column wingman.reader_backlogs.first_id is 'The backlog covers rows with a greater id';
comment on column wingman.reader_backlogs.last_id is '… up to this one, the last id assigned when the reader noticed';
comment on column wingman.reader_backlogs.seen is 'The reader''s value in the cluster that it came from';
comment on column wingman.reader_backlogs.target is 'The reader''s value';
comment on column wingman.reader_backlogs.place_xid is 'The reader''s value; 0 for null';
comment on column wingman.reader_backlogs.place_id is 'The reader''s value; 0 for null';
comment on column wingman.reader_backlogs.target_id is
'The reader''s last_id: a greater id is unread, whatever the snapshots say, because it may be from a later cluster';
comment on column wingman.reader_backlogs.read_xid is 'Of the backlog, rows up to (read_xid, read_id) have been read';
comment on column wingman.reader_backlogs.read_id is 'See read_xid';

revoke all on table wingman.reader_backlogs from public, anon, authenticated, service_role;
