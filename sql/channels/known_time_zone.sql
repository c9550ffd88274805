create or replace function wingman.known_time_zone(name text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- the list changes with the system: what a user has set may be gone, and must not hold up everybody's messages
    return case when wingman.is_time_zone(known_time_zone.name) then known_time_zone.name else 'UTC' end;
end
$$;

comment on function wingman.known_time_zone(text) is
'This time zone, or UTC for null and where this server does not know it any more';
revoke all on function wingman.known_time_zone(text) from public, anon, authenticated, service_role;
