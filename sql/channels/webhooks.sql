create table wingman.webhooks (
    id uuid constraint webhooks_pkey primary key default wingman.new_id(),
    url text constraint webhooks_url_check check (wingman.is_webhook_url(url)),
    kinds text[] constraint webhooks_kinds_check check (wingman.are_notification_kinds(kinds)),
    secret text,
    previous_secret text,
    previous_until timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    disabled_at timestamptz,
    rests_until timestamptz,
    constraint webhooks_previous_check check ((previous_secret is null) = (previous_until is null)),
    constraint webhooks_removed_check check (
        case
            when url is null then disabled_at is not null and secret is null and previous_secret is null
            else secret is not null
        end
    )
);

comment on table wingman.webhooks is
'The operators'' systems that receive notifications, as Standard Webhooks 1.0 describes. The row of a removed webhook stays,
without address and secrets, so that messages planned for it in the meantime are found and dropped';
comment on column wingman.webhooks.id is 'UUID version 7';
comment on column wingman.webhooks.url is 'Where to POST, possibly in a private network; null once it is removed';
comment on column wingman.webhooks.kinds is 'The kinds of notifications to send; null for all';
comment on column wingman.webhooks.secret is 'Signs the messages: whsec_ and base64; null once the webhook is removed';
comment on column wingman.webhooks.previous_secret is 'Also signs the messages, until previous_until';
comment on column wingman.webhooks.previous_until is 'When the previous secret expires; null without one';
comment on column wingman.webhooks.created_at is 'When it was added';
comment on column wingman.webhooks.disabled_at is
'Since when nothing is sent, because the receiver answered 410 or the webhook was removed; null while it is enabled';
comment on column wingman.webhooks.rests_until is
'Nothing is sent before this time, because everything that a worker sent last has failed; null if that has never happened';

revoke all on table wingman.webhooks from public, anon, authenticated, service_role;
