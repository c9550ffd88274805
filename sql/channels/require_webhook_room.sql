create or replace function wingman.require_webhook_room()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    -- after the row of the webhook that is to be enabled, if there is one; workers never wait for this
    perform pg_advisory_xact_lock(hashtextextended('wingman.webhooks', 0));
    if (select count(*) from wingman.webhooks as h where h.disabled_at is null) >= wingman.most_webhooks() then
        perform wingman.raise_error('too_many_webhooks', jsonb_build_object('limit', wingman.most_webhooks()));
    end if;
end
$$;

comment on function wingman.require_webhook_room() is
'Refuses to enable another webhook once the limit is reached; of two operators at once, one waits for the other.
Errors: too_many_webhooks.';
revoke all on function wingman.require_webhook_room() from public, anon, authenticated, service_role;
