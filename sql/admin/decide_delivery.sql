create or replace function wingman.decide_delivery(kind text, delivery_id uuid, reason text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _delivery wingman.notification_deliveries;
begin
    select d.* into _delivery
    from wingman.notification_deliveries as d
    where d.id = decide_delivery.delivery_id
    for no key update;
    if not found then
        perform wingman.raise_error('delivery_not_found');
    elsif _delivery.state <> 'dead' then
        perform wingman.raise_error(
            'delivery_not_dead',
            jsonb_build_object('status', wingman.delivery_state(_delivery.state, _delivery.next_attempt_at))
        );
    end if;
    perform wingman.record_decision(
        decide_delivery.kind,
        decide_delivery.delivery_id,
        jsonb_build_object('channel', _delivery.channel, 'kind', _delivery.kind, 'last_error', _delivery.last_error),
        decide_delivery.reason
    );
end
$$;

comment on function wingman.decide_delivery(text, uuid, text) is
'Locks a message that was given up, and records what an operator decides about it, which the caller then does. kind: of
wingman.decision_kinds(). Errors: delivery_not_found, delivery_not_dead.';
revoke all on function wingman.decide_delivery(text, uuid, text) from public, anon, authenticated, service_role;
