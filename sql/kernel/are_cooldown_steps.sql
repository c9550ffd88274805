create or replace function wingman.are_cooldown_steps(steps interval[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an empty list has no dimensions
    return coalesce(array_ndims(are_cooldown_steps.steps) = 1, false)
        and cardinality(are_cooldown_steps.steps) <= 20
        and array_position(are_cooldown_steps.steps, null) is null
        and (
            select bool_and(wingman.is_clock_interval(s.length, '0', '8760 hours'))
            from unnest(are_cooldown_steps.steps) as s (length)
        );
end
$$;

comment on function wingman.are_cooldown_steps(interval[]) is
'Whether this is a list of 1 to 20 intervals of at most 8760 hours each, written in hours';
revoke all on function wingman.are_cooldown_steps(interval[]) from public, anon, authenticated, service_role;
