create or replace function wingman.distance_miles(lat1 integer, lng1 integer, lat2 integer, lng2 integer)
returns double precision
language sql
immutable
-- haversine; least() because rounding may lift antipodes a hair above 1. Rounded to a millionth of a mile: otherwise noise in the
-- last digits would rank people who are equally near across the antimeridian or at a pole
return round(1000000 * 2 * 3958.7613 * asin(least(1, sqrt(
    power(sin(radians((lat2 - lat1) / 100.0::double precision) / 2), 2)
    + cos(radians(lat1 / 100.0::double precision)) * cos(radians(lat2 / 100.0::double precision))
    * power(sin(radians((lng2 - lng1) / 100.0::double precision) / 2), 2)
)))) / 1000000;

comment on function wingman.distance_miles(integer, integer, integer, integer) is
'Great-circle distance in statute miles between two grid points in hundredths of a degree; earth radius 3958.7613 miles. Never
leaves the database unrounded: see wingman.shown_miles.';
revoke all on function wingman.distance_miles(integer, integer, integer, integer)
from public, anon, authenticated, service_role;
