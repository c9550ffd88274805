create or replace function wingman.session_outcome(status text, is_reverted boolean)
returns text
language sql
immutable
return case
    when is_reverted then 'reverted'
    when wingman.is_active_session(status) then 'not_settled'
    else status
end;

comment on function wingman.session_outcome(text, boolean) is
'The outcome of a session: completed, cancelled, no_show, reverted or not_settled';
revoke all on function wingman.session_outcome(text, boolean) from public, anon, authenticated, service_role;
