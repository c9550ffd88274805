create or replace function wingman_admin.requeue_delivery(delivery_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('requeue_delivery');
    perform wingman.require_argument('delivery_id', requeue_delivery.delivery_id is not null);
    perform wingman.require_argument('reason', requeue_delivery.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(requeue_delivery.reason));

    perform wingman.decide_delivery('delivery_requeued', requeue_delivery.delivery_id, requeue_delivery.reason);
    update wingman.notification_deliveries as d
    -- waiting until now is as good as due, and says since when
    set state = 'waiting', next_attempt_at = statement_timestamp(), attempts = 0, settled_at = null
    where d.id = requeue_delivery.delivery_id;

    perform wingman.end_operation();
    return row(true, 'Message is due again.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('requeue_delivery');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.requeue_delivery(uuid, text) is
'Has a message that was given up sent again, with all its attempts, unless it is dropped because it is no longer wanted. reason:
why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, delivery_not_found, delivery_not_dead, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.requeue_delivery(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.requeue_delivery(uuid, text) to wingman_admin, service_role;
