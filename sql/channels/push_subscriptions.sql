create table wingman.push_subscriptions (
    id uuid constraint push_subscriptions_pkey primary key default wingman.new_id(),
    user_id uuid not null,
    endpoint text not null constraint push_subscriptions_endpoint_key unique,
    p256dh text not null,
    auth text not null,
    created_at timestamptz not null default statement_timestamp()
);

create index push_subscriptions_user_idx on wingman.push_subscriptions (user_id, id);

comment on table wingman.push_subscriptions is
'The browsers in which users receive web push. An endpoint belongs to the user who registered it last';
comment on column wingman.push_subscriptions.id is 'UUID version 7; new each time the endpoint is registered';
comment on column wingman.push_subscriptions.user_id is 'The user';
comment on column wingman.push_subscriptions.endpoint is 'Where the push service accepts messages for this browser';
comment on column wingman.push_subscriptions.p256dh is 'The browser''s public key, P-256, base64url (RFC 8291)';
comment on column wingman.push_subscriptions.auth is 'The browser''s authentication secret, base64url (RFC 8291)';
comment on column wingman.push_subscriptions.created_at is 'When it was registered';

revoke all on table wingman.push_subscriptions from public, anon, authenticated, service_role;
