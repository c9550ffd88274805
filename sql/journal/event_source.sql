create or replace function wingman.event_source()
returns text
language sql
stable
return coalesce(nullif(current_setting('wingman.call', true), ''), wingman.direct_source());

comment on function wingman.event_source() is
'Where a change comes from, as wingman.events keeps it: call, user it acts for, role, login, request id and the id of the
operator''s decision that it carries out, separated by tabs; what is missing at the end is left out. wingman.begin_call leaves it in
the GUC wingman.call; for direct SQL, call and user are empty. The role none stands for the role of the login';
revoke all on function wingman.event_source() from public, anon, authenticated, service_role;
