create or replace function wingman.must_be_asked(user_id uuid, address text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return must_be_asked.address is not null and not exists (
        select
        from wingman.email_addresses as a
        where a.user_id = must_be_asked.user_id
            and lower(a.address) = lower(must_be_asked.address)
            and (a.confirmed_at is not null or exists (
                select
                from wingman.asked_addresses as o
                where o.address_hash = wingman.hashed_id(must_be_asked.address) and not wingman.may_be_asked(o.not_before)
            ))
    );
end
$$;

comment on function wingman.must_be_asked(uuid, text) is
'Whether this address still needs a confirmation message for this user. It does not if it is already the user''s address and is
either confirmed or may not get another message yet, see wingman.consume_address_limit';
revoke all on function wingman.must_be_asked(uuid, text) from public, anon, authenticated, service_role;
