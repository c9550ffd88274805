create or replace function wingman.location_violation(
    lat double precision,
    lng double precision,
    city text,
    privacy_mode text,
    max_travel_miles integer
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- NaN sorts above every number, so BETWEEN refuses it too
    if location_violation.lat not between -90 and 90 then
        return row('lat', 'must be between -90 and 90 degrees')::wingman.violation;
    elsif location_violation.lng not between -180 and 180 then
        return row('lng', 'must be between -180 and 180 degrees')::wingman.violation;
    elsif char_length(location_violation.city) > 100 then
        return row('city', 'must be at most 100 characters')::wingman.violation;
    elsif wingman.has_control_character(location_violation.city) then
        return row('city', 'must not contain control characters')::wingman.violation;
    elsif location_violation.privacy_mode not in ('precise', 'city_only') then
        return row('privacy_mode', 'must be precise or city_only')::wingman.violation;
    elsif location_violation.privacy_mode = 'city_only' and wingman.has_visible_character(location_violation.city) is not true then
        return row('city', 'is required for privacy_mode city_only')::wingman.violation;
    elsif not wingman.is_valid_radius(location_violation.max_travel_miles) then
        return row('max_travel_miles', 'must be between 1 and 100')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.location_violation(double precision, double precision, text, text, integer) is
'The first rule that a location breaks, or null. The table''s constraint and complete_profile both use this.';
revoke all on function wingman.location_violation(double precision, double precision, text, text, integer)
from public, anon, authenticated, service_role;
