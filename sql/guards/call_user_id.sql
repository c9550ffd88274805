create or replace function wingman.call_user_id()
returns text
language sql
stable
return nullif(split_part(current_setting('wingman.call', true), ' ', 2), '');

comment on function wingman.call_user_id() is
'Whom the function of wingman.call_function() acts for, by id; null for direct SQL and for operators, who act for nobody. Text,
since a login with SQL may have set it to anything, which a refusal must outlive';
revoke all on function wingman.call_user_id() from public, anon, authenticated, service_role;
