create sequence wingman.audit_log_id_seq;

create table wingman.audit_log (
    id bigint not null default nextval('wingman.audit_log_id_seq'),
    occurred_at timestamptz not null default statement_timestamp(),
    entity text not null,
    entity_id uuid,
    match_id uuid,
    before jsonb,
    after jsonb,
    user_id uuid default wingman.call_user_id()::uuid,
    role text not null default wingman.caller_role(),
    login text not null default session_user,
    call text default wingman.call_function(),
    request_id text default wingman.call_request_id(),
    constraint audit_log_pkey primary key (occurred_at, id)
) partition by range (occurred_at);

create index audit_log_match_idx on wingman.audit_log (match_id, id) where match_id is not null;

comment on table wingman.audit_log is
'Every state change of matches, sessions, reputations, blocks, profiles, pauses and settings, whoever made it: ids and states,
nothing personal. Append-only, a partition a month. Bare user ids: it outlives accounts';
comment on column wingman.audit_log.id is
'In the order in which things happened, also where occurred_at says otherwise: a statement may have waited for another one';
comment on column wingman.audit_log.occurred_at is 'When the statement began that made the change';
comment on column wingman.audit_log.entity is 'match, session, reputation, block, profile, seeker or settings';
comment on column wingman.audit_log.entity_id is
'The match, the session, or the user: of a block, who blocked; null for settings';
comment on column wingman.audit_log.match_id is 'The match of a match or a session, else null';
comment on column wingman.audit_log.before is 'Its state before; null for what is new';
comment on column wingman.audit_log.after is 'Its state after; null for what is gone';
comment on column wingman.audit_log.user_id is 'Whom the call acted for; null outside of any call';
comment on column wingman.audit_log.role is 'The role that made the change, wingman.caller_role';
comment on column wingman.audit_log.login is 'The login that made the change, session_user';
comment on column wingman.audit_log.call is 'The function that was called; null outside of any call';
comment on column wingman.audit_log.request_id is 'The header x-request-id of the call, or else its idempotency key';
comment on sequence wingman.audit_log_id_seq is 'The order of wingman.audit_log';

revoke all on table wingman.audit_log from public, anon, authenticated, service_role;
revoke all on sequence wingman.audit_log_id_seq from public, anon, authenticated, service_role;
