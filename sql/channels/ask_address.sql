create or replace function wingman.ask_address(user_id uuid, address text, sends boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- always the same, so that somebody who comes back to an address can use the link that was sent there
    _id uuid := wingman.hashed_id(ask_address.user_id || ' ' || ask_address.address);
begin
    insert into wingman.email_addresses as a (id, user_id, address)
    values (_id, ask_address.user_id, ask_address.address)
    on conflict on constraint email_addresses_user_id_key do update
    set
        id = excluded.id,
        address = excluded.address,
        asked_at = excluded.asked_at,
        -- somebody may just have opened the link
        confirmed_at = case when a.id = excluded.id then a.confirmed_at end;
    if ask_address.sends and not exists (
        -- an earlier one that could not be sent so far is as good
        select
        from wingman.notification_deliveries as d
        where d.user_id = ask_address.user_id and d.target_id = _id and d.settled_at is null
    ) then
        insert into wingman.notification_deliveries (channel, kind, user_id, target_id)
        values ('email', 'email_confirmation', ask_address.user_id, _id);
    end if;
end
$$;

comment on function wingman.ask_address(uuid, text, boolean) is
'Makes this the user''s address, not yet confirmed. sends: whether to send the confirmation message, see
wingman.consume_address_limit';
revoke all on function wingman.ask_address(uuid, text, boolean) from public, anon, authenticated, service_role;
