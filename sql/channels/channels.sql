create or replace function wingman.channels()
returns text[]
language sql
immutable
return wingman.personal_channels() || array['webhook', 'realtime'];

comment on function wingman.channels() is
'The channels by which notifications go outside: those of wingman.personal_channels(), and those for programs, which get ids';
revoke all on function wingman.channels() from public, anon, authenticated, service_role;
