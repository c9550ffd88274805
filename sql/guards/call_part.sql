create or replace function wingman.call_part(place integer)
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), e'\t', place), '');

comment on function wingman.call_part(integer) is
'A part of wingman.event_source() during a call: 1 the function that is running, 2 the user it acts for, 5 the request id;
null without one. Returned as text: a login with SQL access can set the GUC to anything, and a refusal must survive that';
revoke all on function wingman.call_part(integer) from public, anon, authenticated, service_role;
