create or replace function wingman.snap_to_grid(degrees double precision, privacy_mode text)
returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if snap_to_grid.privacy_mode = 'city_only' then
        return round(snap_to_grid.degrees / 0.1)::integer * 10;
    end if;
    return round(snap_to_grid.degrees / 0.01)::integer;
end
$$;

comment on function wingman.snap_to_grid(double precision, text) is
'A coordinate, in degrees, moved to the grid that matching works on, in hundredths of a degree: every 0.01 degrees for precise,
every 0.1 degrees for city_only. No distance is computed from anything finer.';
revoke all on function wingman.snap_to_grid(double precision, text) from public, anon, authenticated, service_role;
