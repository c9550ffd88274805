create or replace function wingman_admin.drop_delivery(delivery_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('drop_delivery');
    perform wingman.require_argument('delivery_id', drop_delivery.delivery_id is not null);
    perform wingman.require_argument('reason', drop_delivery.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(drop_delivery.reason));

    perform wingman.decide_delivery('delivery_dropped', drop_delivery.delivery_id, drop_delivery.reason);
    update wingman.notification_deliveries as d
    set state = 'dropped', last_error = 'dropped_by_operator', settled_at = statement_timestamp()
    where d.id = drop_delivery.delivery_id;

    perform wingman.end_operation();
    return row(true, 'Message dropped: it will not be sent.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('drop_delivery');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.drop_delivery(uuid, text) is
'Drops a message that was given up and removes it from dead_deliveries; this is final.
reason: why, 1 to 500 characters, kept with the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, delivery_not_found, delivery_not_dead, busy, unsupported_isolation,
read_only_transaction.';
revoke all on function wingman_admin.drop_delivery(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.drop_delivery(uuid, text) to wingman_admin, service_role;
