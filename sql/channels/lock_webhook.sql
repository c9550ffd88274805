create or replace function wingman.lock_webhook(webhook_id uuid)
returns wingman.webhooks
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _webhook wingman.webhooks;
begin
    select h.* into _webhook
    from wingman.webhooks as h
    where h.id = lock_webhook.webhook_id and h.url is not null
    for no key update;
    if not found then
        perform wingman.raise_error('webhook_not_found');
    end if;
    return _webhook;
end
$$;

comment on function wingman.lock_webhook(uuid) is
'Locks a webhook that is not removed, and returns it as it is once the lock is held. Errors: webhook_not_found.';
revoke all on function wingman.lock_webhook(uuid) from public, anon, authenticated, service_role;
