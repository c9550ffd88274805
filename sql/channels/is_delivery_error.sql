create or replace function wingman.is_delivery_error(error text)
returns boolean
language sql
immutable
return error ~ '^[a-z0-9_]{1,60}$';

comment on function wingman.is_delivery_error(text) is
'Whether this is a code such as http_503: nothing that the other side has written is stored. Null for null';
revoke all on function wingman.is_delivery_error(text) from public, anon, authenticated, service_role;
