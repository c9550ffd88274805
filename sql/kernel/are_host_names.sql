create or replace function wingman.are_host_names(hosts text[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(array_ndims(are_host_names.hosts) = 1, are_host_names.hosts = '{}')
        and cardinality(are_host_names.hosts) <= 100
        and (
            select coalesce(bool_and(coalesce(
                h.name ~ '^([*][.])?[a-z0-9]([a-z0-9-]*[a-z0-9])?([.][a-z0-9]([a-z0-9-]*[a-z0-9])?)+$'
                -- an address is no name
                and h.name ~ '[a-z][a-z0-9-]*$',
                false
            )), true)
            from unnest(are_host_names.hosts) as h (name)
        );
end
$$;

comment on function wingman.are_host_names(text[]) is
'Whether this is a list of host names in lower case, each optionally starting with *. for all hosts below it; null for null';
revoke all on function wingman.are_host_names(text[]) from public, anon, authenticated, service_role;
