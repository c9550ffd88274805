create or replace function wingman.recent_exposures(exposures timestamptz[], exposure_window interval)
returns timestamptz[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _first integer := 1;
begin
    -- the oldest come first, and few lapse from one call to the next
    while recent_exposures.exposures[_first] <= statement_timestamp() - recent_exposures.exposure_window loop
        _first := _first + 1;
    end loop;
    return recent_exposures.exposures[_first:];
end
$$;

comment on function wingman.recent_exposures(timestamptz[], interval) is
'A person''s exposures that lie within the window, oldest first. One as old as the window no longer counts.';
revoke all on function wingman.recent_exposures(timestamptz[], interval) from public, anon, authenticated, service_role;
