create or replace function wingman.ask_address(user_id uuid, address text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _id uuid;
begin
    delete from wingman.email_addresses as a where a.user_id = ask_address.user_id;
    insert into wingman.email_addresses (user_id, address)
    values (ask_address.user_id, ask_address.address)
    returning id into strict _id;
    -- whoever has many accounts cannot have the same stranger asked by each of them
    perform pg_advisory_xact_lock(hashtextextended('ask_address ' || lower(ask_address.address), 0));
    if not exists (
        select
        from wingman.email_addresses as a
        cross join wingman.settings as t
        where lower(a.address) = lower(ask_address.address)
            and a.id <> _id
            and a.confirmed_at is null
            and a.asked_at > statement_timestamp() - t.email_confirmation_lifetime
    ) then
        insert into wingman.notification_deliveries (channel, kind, user_id, target_id)
        values ('email', 'email_confirmation', ask_address.user_id, _id);
    end if;
end
$$;

comment on function wingman.ask_address(uuid, text) is
'Makes this the user''s address, and asks it to confirm that: by one message, unless another user has had it asked within
settings.email_confirmation_lifetime';
revoke all on function wingman.ask_address(uuid, text) from public, anon, authenticated, service_role;
