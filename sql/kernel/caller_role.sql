create or replace function wingman.caller_role()
returns text
language sql
stable
-- inside a SECURITY DEFINER function current_user is the owner; only the GUC still says who called
return coalesce(nullif(current_setting('role'), 'none'), session_user);

comment on function wingman.caller_role() is 'The role that made the call, also inside SECURITY DEFINER functions';
revoke all on function wingman.caller_role() from public, anon, authenticated, service_role;
