create table wingman.idempotency_keys (
    user_id uuid not null,
    idempotency_key text not null,
    fingerprint text not null,
    response jsonb not null,
    created_at timestamptz not null default statement_timestamp(),
    constraint idempotency_keys_pkey primary key (user_id, idempotency_key)
);

create index idempotency_keys_created_idx on wingman.idempotency_keys (created_at);

comment on table wingman.idempotency_keys is
'The answers to calls that came with an idempotency key, kept for settings.idempotency_retention. User ids have no foreign key';
comment on column wingman.idempotency_keys.user_id is
'The user on whose behalf the call was made; a key counts only for this user';
comment on column wingman.idempotency_keys.idempotency_key is 'The key, 1 to 255 characters';
comment on column wingman.idempotency_keys.fingerprint is 'SHA-256 of the function''s name and arguments, in hexadecimal';
comment on column wingman.idempotency_keys.response is 'The answer, which a replay returns';
comment on column wingman.idempotency_keys.created_at is 'When the call was made';

revoke all on table wingman.idempotency_keys from public, anon, authenticated, service_role;
