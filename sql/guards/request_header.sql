create or replace function wingman.request_header(name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return nullif(current_setting('request.headers', true), '')::json ->> request_header.name;
exception
    when data_exception or program_limit_exceeded then
        return null;
end
$$;

comment on function wingman.request_header(text) is
'A header of the HTTP request, by its name in lower case, as PostgREST passes it on; null without one';
revoke all on function wingman.request_header(text) from public, anon, authenticated, service_role;
