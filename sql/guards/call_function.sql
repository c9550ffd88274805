create or replace function wingman.call_function()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 1), '');

comment on function wingman.call_function() is
'The function that is writing, of those of wingman.begin_call and wingman.begin_operation; null for direct SQL';
revoke all on function wingman.call_function() from public, anon, authenticated, service_role;
