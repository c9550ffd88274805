create or replace function wingman.is_suspended(without_end boolean, until timestamptz)
returns boolean
language sql
stable
return coalesce(without_end or until > statement_timestamp(), false);

comment on function wingman.is_suspended(boolean, timestamptz) is
'Whether a suspension counts now: one without end does, any other until its end. No suspension: false and null.';
revoke all on function wingman.is_suspended(boolean, timestamptz) from public, anon, authenticated, service_role;
-- an operators' view calls it as who asks
grant execute on function wingman.is_suspended(boolean, timestamptz) to wingman_admin, service_role;
