create or replace function wingman.coarse_count(people bigint)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return ((coarse_count.people + 2) / 3 * 3)::integer;
end
$$;

comment on function wingman.coarse_count(bigint) is
'A number of people as users see it: rounded up to a multiple of three, so that no single person shows';
revoke all on function wingman.coarse_count(bigint) from public, anon, authenticated, service_role;
