create or replace function wingman_admin.add_webhook(url text, reason text, kinds text[] default null)
returns wingman.webhook_secret
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _added wingman.webhook_secret;
begin
    perform wingman.begin_operation('add_webhook');
    perform wingman.require_argument('url', add_webhook.url is not null);
    perform wingman.require_argument('reason', add_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.webhook_violation(add_webhook.url, add_webhook.kinds));
    perform wingman.refuse_violation(wingman.decision_violation(add_webhook.reason));
    perform wingman.require_webhook_room();

    insert into wingman.webhooks as h (url, kinds, secret)
    values (add_webhook.url, add_webhook.kinds, wingman.new_webhook_secret())
    returning h.id, h.secret into _added;
    perform wingman.record_decision(
        'webhook_added',
        _added.webhook_id,
        -- where messages go is for ever on record; in a path or a query there may be a token
        jsonb_build_object('origin', substring(add_webhook.url, '^[a-z]+://[^/?]+'), 'kinds', add_webhook.kinds),
        add_webhook.reason
    );

    perform wingman.end_operation();
    return _added;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('add_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.add_webhook(text, text, text[]) is
'Adds a webhook: new notifications are sent to it, signed with a secret that is shown only in this answer.
url: where to POST, http or https, without user and password, at most 500 characters. kinds: the kinds of notifications to send;
null for all. reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, too_many_webhooks, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.add_webhook(text, text, text[]) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.add_webhook(text, text, text[]) to wingman_admin, service_role;
