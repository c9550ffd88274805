create or replace function wingman.is_email_address(address text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- what needs quotes is refused, and so is a second address
    return is_email_address.address ~ '^[A-Za-z0-9.!#$%&''*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+$'
        and char_length(is_email_address.address) <= 254;
end
$$;

comment on function wingman.is_email_address(text) is
'Whether a text is an e-mail address that HTML forms accept, in ASCII; null for null';
revoke all on function wingman.is_email_address(text) from public, anon, authenticated, service_role;
