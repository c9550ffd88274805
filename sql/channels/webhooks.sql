create table wingman.webhooks (
    id uuid constraint webhooks_pkey primary key default wingman.new_id(),
    url text not null constraint webhooks_url_check check (url ~ '^https?://[!-~]+$' and char_length(url) <= 500),
    kinds text[] constraint webhooks_kinds_check check (wingman.are_notification_kinds(kinds)),
    secret text not null,
    previous_secret text,
    previous_until timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    disabled_at timestamptz,
    rests_until timestamptz,
    constraint webhooks_previous_check check ((previous_secret is null) = (previous_until is null))
);

comment on table wingman.webhooks is 'The operators'' systems that are told of notifications, as Standard Webhooks 1.0 describes';
comment on column wingman.webhooks.id is 'UUID version 7';
comment on column wingman.webhooks.url is 'Where to POST; may be private';
comment on column wingman.webhooks.kinds is 'The kinds of notifications to send; null for all';
comment on column wingman.webhooks.secret is 'Signs the messages: whsec_ and base64';
comment on column wingman.webhooks.previous_secret is 'Signs them, too, until previous_until';
comment on column wingman.webhooks.previous_until is 'Until when; null after a webhook is added';
comment on column wingman.webhooks.created_at is 'When it was added';
comment on column wingman.webhooks.disabled_at is
'Since when nothing is sent, as the receiver answered 410; null while it is enabled';
comment on column wingman.webhooks.rests_until is 'Nothing is sent before, because an attempt has failed; null if none has';

revoke all on table wingman.webhooks from public, anon, authenticated, service_role;
