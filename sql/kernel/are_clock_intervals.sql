create or replace function wingman.are_clock_intervals(steps interval[], shortest interval, longest interval)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_clock_intervals.steps) = 1, false)
        and cardinality(are_clock_intervals.steps) <= 20
        and array_position(are_clock_intervals.steps, null) is null
        and (
            select bool_and(wingman.is_clock_interval(s.length, are_clock_intervals.shortest, are_clock_intervals.longest))
            from unnest(are_clock_intervals.steps) as s (length)
        );
end
$$;

comment on function wingman.are_clock_intervals(interval[], interval, interval) is
'Whether this is a list of 1 to 20 intervals in [shortest, longest], written in hours, see wingman.is_clock_interval';
revoke all on function wingman.are_clock_intervals(interval[], interval, interval)
from public, anon, authenticated, service_role;
