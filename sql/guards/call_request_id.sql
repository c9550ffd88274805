create or replace function wingman.call_request_id()
returns text
language sql
stable
-- the rest after a word, a space, the 36 characters of an id and a space; a pattern would take ten times as long
return nullif(substr(current_setting('wingman.call', true), length(wingman.call_function()) + 39), '');

comment on function wingman.call_request_id() is
'The request id that came with the call of wingman.call_function(): the header x-request-id, else its idempotency key; or null';
revoke all on function wingman.call_request_id() from public, anon, authenticated, service_role;
