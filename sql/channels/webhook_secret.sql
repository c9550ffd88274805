create type wingman.webhook_secret as (
    webhook_id uuid,
    secret text
);

comment on type wingman.webhook_secret is 'A webhook and its new secret, which is not shown again';
comment on column wingman.webhook_secret.webhook_id is 'The webhook';
comment on column wingman.webhook_secret.secret is 'The receiver verifies messages with it, as Standard Webhooks 1.0 describes';
