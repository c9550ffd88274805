create or replace function wingman.shown_miles(miles double precision)
returns integer
language sql
immutable
return greatest(1, ceil(miles))::integer;

comment on function wingman.shown_miles(double precision) is
'A distance as users see it: whole miles, rounded up, at least 1';
revoke all on function wingman.shown_miles(double precision) from public, anon, authenticated, service_role;
