create type wingman.guarded_call as (
    user_id uuid,
    key text,
    fingerprint text,
    response jsonb
);

comment on type wingman.guarded_call is 'A call between wingman.begin_call and wingman.end_call';
comment on column wingman.guarded_call.user_id is 'The user on whose behalf it is made';
comment on column wingman.guarded_call.key is 'Its idempotency key (nullable)';
comment on column wingman.guarded_call.fingerprint is 'SHA-256 of the function''s name and arguments, with a key (nullable)';
comment on column wingman.guarded_call.response is 'The first answer, when this is a replay (nullable)';
