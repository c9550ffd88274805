create or replace function wingman_admin.remove_webhook(webhook_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
set enable_seqscan = off
set jit = off
as $$
begin
    perform wingman.begin_operation('remove_webhook');
    perform wingman.require_argument('webhook_id', remove_webhook.webhook_id is not null);
    perform wingman.require_argument('reason', remove_webhook.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(remove_webhook.reason));
    perform wingman.lock_webhook(remove_webhook.webhook_id);

    perform wingman.record_decision('webhook_removed', remove_webhook.webhook_id, null, remove_webhook.reason);
    update wingman.webhooks as h
    set
        url = null,
        kinds = null,
        secret = null,
        previous_secret = null,
        previous_until = null,
        rests_until = null,
        disabled_at = coalesce(h.disabled_at, statement_timestamp())
    where h.id = remove_webhook.webhook_id;
    -- What a worker holds or has claimed is not waited for: it is settled, or dropped by the next claim.
    update wingman.notification_deliveries as d
    set
        state = 'dropped',
        last_error = 'webhook_removed',
        next_attempt_at = null,
        settled_at = statement_timestamp()
    where d.ctid = any(array(
        select o.ctid
        from wingman.notification_deliveries as o
        where o.channel = 'webhook'
            and o.target_id = remove_webhook.webhook_id
            -- each has an index of its own
            and (o.state = 'due' or o.state = 'waiting' or o.state = 'dead')
        for no key update skip locked
    ));

    perform wingman.end_operation();
    return row(true, 'Webhook removed: nothing more is sent to it.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('remove_webhook');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.remove_webhook(uuid, text) is
'Removes a webhook and forgets its address and secrets; this is final. Messages still to be sent to it are dropped, including
dead ones; a worker that is sending one at this moment may finish.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, webhook_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.remove_webhook(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.remove_webhook(uuid, text) to wingman_admin, service_role;
