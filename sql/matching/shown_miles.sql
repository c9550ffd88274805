create or replace function wingman.shown_miles(miles double precision)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return greatest(1, ceil(shown_miles.miles))::integer;
end
$$;

comment on function wingman.shown_miles(double precision) is
'A distance as people may know it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;
