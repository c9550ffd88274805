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
'Taken before a webhook is enabled, so that two operators at once cannot exceed the limit. Workers do not wait for it';
revoke all on function wingman.lock_webhooks() from public, anon, authenticated, service_role;
