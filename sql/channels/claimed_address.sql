create or replace function wingman.claimed_address()
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _address text;
begin
    if wingman.caller_role() <> 'authenticated' then
        return null;
    end if;
    _address := nullif(current_setting('request.jwt.claims', true), '')::json ->> 'email';
    return case when wingman.is_email_address(_address) then _address end;
exception
    when data_exception then
        return null;
end
$$;

comment on function wingman.claimed_address() is
'The e-mail address in the caller''s access token; null if there is none, or if the caller is not a user. It proves nothing until
somebody opens the link sent to it';
revoke all on function wingman.claimed_address() from public, anon, authenticated, service_role;
