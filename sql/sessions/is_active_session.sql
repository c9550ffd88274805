create or replace function wingman.is_active_session(status text)
returns boolean
language sql
immutable
return status in ('scheduled', 'in_progress');

comment on function wingman.is_active_session(text) is
'Whether a session in this status is still ahead or in progress: it can be confirmed and cancelled, and its match cannot have
another one';
revoke all on function wingman.is_active_session(text) from public, anon, authenticated, service_role;
-- Views of wingman_admin ask for the column is_active, which the index needs, and for this, which tells the planner how few
-- sessions are active.
grant execute on function wingman.is_active_session(text) to service_role, wingman_admin;
