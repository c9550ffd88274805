create or replace function wingman.personal_channels()
returns text[]
language sql
immutable
return array['email', 'web_push'];

comment on function wingman.personal_channels() is
'The channels whose messages a user reads: with texts and settings of the user''s own, and not sent
once the user has read the notification in the app';
revoke all on function wingman.personal_channels() from public, anon, authenticated, service_role;
