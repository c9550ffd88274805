create sequence wingman.events_id_seq;

-- Each partition has its own primary key: pg_restore --clean cannot drop one that is inherited.
create table wingman.events (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null default nextval('wingman.events_id_seq'),
    occurred_at timestamptz not null default statement_timestamp(),
    kind text not null,
    match_id uuid,
    session_id uuid,
    user_id uuid,
    details jsonb,
    source text not null default wingman.event_source()
) partition by range (occurred_at);

create index events_match_idx on wingman.events (match_id, id) where match_id is not null;

comment on table wingman.events is
'The journal: every change of state, whoever made it, written by one trigger per table. Append-only, one partition per month. It
holds ids and states, nothing personal, and outlives accounts';
comment on column wingman.events.xid is
'The writing transaction. Readers follow the journal by it, so it leads the primary key';
comment on column wingman.events.id is
'The order of writing. For one match or session, this is the order in which things happened; occurred_at may differ, because a
statement may have waited for another one';
comment on column wingman.events.occurred_at is 'Start of the statement that made the change';
comment on column wingman.events.kind is 'What happened: a word of wingman.event_kinds()';
comment on column wingman.events.match_id is 'The match that it happened to, directly or through a session; else null';
comment on column wingman.events.session_id is 'The session that it happened to; else null';
comment on column wingman.events.user_id is
'For matches and sessions: which of the two people did it; null if neither did. For a profile, a pause or a block: the user';
comment on column wingman.events.details is
'Whatever kind and ids do not say, see wingman.event_kinds(); null if they say everything';
comment on column wingman.events.source is
'Where the change came from: call, user it acted for, role, login, request id and decision, separated by tabs;
wingman.event_source()';
comment on sequence wingman.events_id_seq is 'The order of writing of wingman.events';

revoke all on table wingman.events from public, anon, authenticated, service_role;
revoke all on sequence wingman.events_id_seq from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.events
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.events
for each statement execute function wingman.tg_any__refuse_change();
