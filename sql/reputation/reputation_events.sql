create sequence wingman.reputation_events_id_seq;

create table wingman.reputation_events (
    xid xid8 not null default pg_current_xact_id(),
    id bigint not null default nextval('wingman.reputation_events_id_seq'),
    created_at timestamptz not null default statement_timestamp(),
    session_id uuid,
    user_id uuid not null,
    buddy_id uuid,
    kind text not null,
    delta integer not null,
    completed_sessions integer not null,
    no_shows integer not null,
    constraint reputation_events_pkey primary key (xid, id),
    constraint reputation_events_once unique (user_id, session_id, kind)
);

comment on table wingman.reputation_events is
'Append-only ledger of reputation, kept for ever: the counters of user_profiles are its sums. wingman.record_reputation writes it;
wingman.tg_user_profiles__depart writes departures, wingman.tg_user_profiles__return returns. User and session ids have no foreign
keys: it outlives accounts';
comment on column wingman.reputation_events.xid is
'The writing transaction. Readers follow the ledger by it, so it leads the primary key';
comment on column wingman.reputation_events.id is 'The order of writing';
comment on column wingman.reputation_events.created_at is 'When it happened';
comment on column wingman.reputation_events.session_id is 'The session that it comes from; null for a departure or a return';
comment on column wingman.reputation_events.user_id is 'Whose reputation';
comment on column wingman.reputation_events.buddy_id is 'The other person of the session; null for a departure or a return';
comment on column wingman.reputation_events.kind is
'completed: both people confirmed the session; no_show: an operator found that this one did not come; completion_reverted,
no_show_reverted: an operator took it back; departed: the profile was deleted; returned: the same
user made a profile again, which begins from the sums';
comment on column wingman.reputation_events.delta is 'What it adds to the reputation, wingman.reputation_delta';
comment on column wingman.reputation_events.completed_sessions is 'The profile''s completed_sessions after it';
comment on column wingman.reputation_events.no_shows is 'The profile''s no_shows after it';
comment on sequence wingman.reputation_events_id_seq is 'The order of writing of wingman.reputation_events';

revoke all on table wingman.reputation_events from public, anon, authenticated, service_role;
revoke all on sequence wingman.reputation_events_id_seq from public, anon, authenticated, service_role;

create or replace trigger refuse_change before update or delete on wingman.reputation_events
for each row execute function wingman.tg_any__refuse_change();

create or replace trigger refuse_truncate before truncate on wingman.reputation_events
for each statement execute function wingman.tg_any__refuse_change();
