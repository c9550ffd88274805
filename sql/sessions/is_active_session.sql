create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still going to happen or happening: it can be confirmed and cancelled, and its match cannot
have another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;
-- Views of wingman_admin ask for the column is_active, for the sake of the index, and for this, which tells the planner how few
-- they are.
grant execute on function wingman.is_active_session(text) to service_role, wingman_admin;
