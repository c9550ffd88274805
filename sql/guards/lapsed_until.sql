create or replace function wingman.lapsed_until(until timestamptz, newest timestamptz, retention interval)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if lapsed_until.newest < lapsed_until.until - lapsed_until.retention then
        return lapsed_until.newest - lapsed_until.retention;
    end if;
    return lapsed_until.until;
end
$$;

comment on function wingman.lapsed_until(timestamptz, timestamptz, interval) is
'Up to when rows can be removed that have lapsed. until: what the clock says; newest: the newest row that has lapsed by it, or
null; retention: how long rows count. Usually it is what the clock says. Where no row has lapsed for a whole retention, the clock
may have jumped ahead: the rows of the retention before the newest one are kept until later ones have lapsed.';
revoke all on function wingman.lapsed_until(timestamptz, timestamptz, interval) from public, anon, authenticated, service_role;
