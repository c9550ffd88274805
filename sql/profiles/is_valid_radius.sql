create or replace function wingman.is_valid_radius(miles integer)
returns boolean
language sql
immutable
return miles between 1 and 100;

comment on function wingman.is_valid_radius(integer) is
'Whether a search radius or travel distance, in whole miles, is allowed; null for null';
revoke all on function wingman.is_valid_radius(integer) from public, anon, authenticated, service_role;
