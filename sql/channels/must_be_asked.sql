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
        cross join wingman.settings as t
        where a.user_id = must_be_asked.user_id
            and a.address = must_be_asked.address
            and (a.confirmed_at is not null or a.asked_at > statement_timestamp() - t.email_confirmation_lifetime)
    );
end
$$;

comment on function wingman.must_be_asked(uuid, text) is
'Whether an address is to be asked to confirm that it is this user''s: not if it has confirmed that, or the link sent to it is
still good';
revoke all on function wingman.must_be_asked(uuid, text) from public, anon, authenticated, service_role;
