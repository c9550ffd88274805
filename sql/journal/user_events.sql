-- derived: the reader statistics writes it from the journal
create table wingman.user_events (
    user_id uuid not null,
    id bigint not null,
    xid xid8 not null,
    occurred_at timestamptz not null,
    constraint user_events_pkey primary key (user_id, id, xid)
);

comment on table wingman.user_events is
'Where the journal tells of a user outside any match: profile, pauses and blocks. An index that no call pays for: the reader
statistics fills it';
comment on column wingman.user_events.user_id is 'wingman.events.user_id';
comment on column wingman.user_events.id is 'wingman.events.id';
comment on column wingman.user_events.xid is 'wingman.events.xid';
comment on column wingman.user_events.occurred_at is 'wingman.events.occurred_at';

revoke all on table wingman.user_events from public, anon, authenticated, service_role;
