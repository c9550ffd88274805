create or replace function wingman.is_clock_interval(length interval, shortest interval, longest interval)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return is_clock_interval.length between is_clock_interval.shortest and is_clock_interval.longest
        and extract(day from is_clock_interval.length) = 0
        and extract(month from is_clock_interval.length) = 0
        and extract(year from is_clock_interval.length) = 0;
end
$$;

comment on function wingman.is_clock_interval(interval, interval, interval) is
'Whether an interval lies in [shortest, longest] and is written in hours: a day of an interval is 23 or 25 hours long where the
session''s time zone changes its clocks.';
revoke all on function wingman.is_clock_interval(interval, interval, interval) from public, anon, authenticated, service_role;
