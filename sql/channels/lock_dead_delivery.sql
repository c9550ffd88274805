create or replace function wingman.lock_dead_delivery(delivery_id uuid)
returns wingman.notification_deliveries
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _delivery wingman.notification_deliveries;
begin
    select d.* into _delivery
    from wingman.notification_deliveries as d
    where d.id = lock_dead_delivery.delivery_id
    for no key update;
    if not found then
        perform wingman.raise_error('delivery_not_found');
    elsif _delivery.state <> 'dead' then
        perform wingman.raise_error(
            'delivery_not_dead',
            jsonb_build_object('status', wingman.delivery_state(_delivery.state, _delivery.next_attempt_at))
        );
    end if;
    return _delivery;
end
$$;

comment on function wingman.lock_dead_delivery(uuid) is
'Locks a message that was given up, and returns it as it is once the lock is held.
Errors: delivery_not_found, delivery_not_dead.';
revoke all on function wingman.lock_dead_delivery(uuid) from public, anon, authenticated, service_role;
