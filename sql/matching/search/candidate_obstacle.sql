create or replace function wingman.candidate_obstacle(
    paused boolean,
    has_pending_match boolean,
    suspended boolean,
    suspended_until timestamptz,
    miles double precision,
    radius_miles integer,
    max_travel_miles integer,
    level_difference integer,
    level_tolerance integer,
    exposures timestamptz[],
    exposure_limit integer,
    exposure_window interval
)
returns text
language sql
stable
return case
    when paused then 'paused'
    when has_pending_match then 'has_pending_match'
    when wingman.is_suspended(suspended, suspended_until) then 'suspended'
    when miles > radius_miles::double precision then 'too_far'
    when miles > max_travel_miles::double precision then 'too_far_for_them'
    when level_difference > level_tolerance then 'level'
    when
        -- at least that many; a subscript costs a search less than cardinality()
        exposures[exposure_limit] is not null
        and (wingman.recent_exposures(exposures, exposure_window))[exposure_limit] is not null
        then 'found_often'
end;

comment on function wingman.candidate_obstacle(
    boolean, boolean, boolean, timestamptz, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) is
'The rules of wingman.match_obstacle that need no look-up, for a candidate at this distance. Takes columns, so that a query can
inline it.';
revoke all on function wingman.candidate_obstacle(
    boolean, boolean, boolean, timestamptz, double precision, integer, integer, integer, integer, timestamptz[], integer, interval
) from public, anon, authenticated, service_role;
