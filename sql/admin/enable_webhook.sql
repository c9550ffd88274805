create or replace function wingman_admin.enable_webhook(webhook_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    -- not of the table's type: to compile that would wait for whoever locks the table, outside the exception handler
    _webhook record;
begin
    perform wingman.begin_operation('enable_webhook');
    perform wingman.require_argument('webhook_id', enable_webhook.webhook_id is not null);
    perform wingman.require_argument('reason', enable_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(enable_webhook.reason));
    select h.disabled_at into strict _webhook from wingman.lock_webhook(enable_webhook.webhook_id) as h;
    if _webhook.disabled_at is null then
        perform wingman.raise_error('webhook_not_disabled');
    end if;
    perform wingman.require_webhook_room();

    perform wingman.record_decision('webhook_enabled', enable_webhook.webhook_id, null, enable_webhook.reason);
    update wingman.webhooks as h set disabled_at = null, rests_until = null where h.id = enable_webhook.webhook_id;

    perform wingman.end_operation();
    return row(true, 'Webhook enabled: new notifications are sent to it again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('enable_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.enable_webhook(uuid, text) is
'Enables a webhook whose receiver has answered 410 Gone. Notifications from the time in between are not sent to it.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, webhook_not_disabled, too_many_webhooks, busy,
unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.enable_webhook(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.enable_webhook(uuid, text) to wingman_admin, service_role;
