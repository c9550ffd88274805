-- Who can use which schema. wingman is never exposed over HTTP; callers need USAGE to reach the few functions in it
-- that the API functions call.
set local role none;

grant usage, create on schema public to wingman_owner;
grant usage on schema public to authenticated, service_role, wingman_admin;

set local role wingman_owner;

comment on schema wingman is 'Engine of WingmanMatch: private tables and functions, never exposed';
revoke all on schema wingman from public, anon, authenticated, service_role;
grant usage on schema wingman to authenticated, service_role, wingman_admin, wingman_worker;
