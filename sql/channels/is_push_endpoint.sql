create or replace function wingman.is_push_endpoint(endpoint text, hosts text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- neither a user name nor a port, no empty label, and a path in plain ASCII
    _host text := substring(is_push_endpoint.endpoint from '^https://([a-z0-9-]+([.][a-z0-9-]+)+)/[!-~]*$');
begin
    return coalesce(char_length(is_push_endpoint.endpoint) <= 1000 and exists (
        select
        from unnest(is_push_endpoint.hosts) as h (name)
        where h.name = _host or (h.name like '*.%' and right(_host, char_length(h.name) - 1) = substr(h.name, 2))
    ), false);
end
$$;

comment on function wingman.is_push_endpoint(text, text[]) is
'Whether an address belongs to a push service that may be called: https, the standard port, and a host in the list. *.name in the
list allows all hosts below name';
revoke all on function wingman.is_push_endpoint(text, text[]) from public, anon, authenticated, service_role;
