create or replace function wingman.lock_webhooks()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended('wingman.webhooks', 0));
end
$$;

comment on function wingman.lock_webhooks() is
'Held by who enables a webhook, so that two operators together enable no more than there may be. Workers do not wait for it';
revoke all on function wingman.lock_webhooks() from public, anon, authenticated, service_role;
