create or replace function wingman.require_webhook_room()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- 8 that hang, with the 16 messages at once of wingman.lock_due_deliveries, leave a worker of 128 attempts at once none
    _most integer := 8;
begin
    if (select count(*) from wingman.webhooks as h where h.disabled_at is null) >= _most then
        perform wingman.raise_error('too_many_webhooks', jsonb_build_object('limit', _most));
    end if;
end
$$;

comment on function wingman.require_webhook_room() is
'Refuses to enable another webhook once the limit is reached. The caller holds wingman.lock_webhooks().
Errors: too_many_webhooks.';
revoke all on function wingman.require_webhook_room() from public, anon, authenticated, service_role;
