-- What operators look at and do. Like wingman it is never exposed over HTTP.
set local role none;

create schema wingman_admin authorization wingman_owner;

set local role wingman_owner;

comment on schema wingman_admin is 'Views and functions for the operators of WingmanMatch, never exposed';
revoke all on schema wingman_admin from public, anon, authenticated, service_role;
grant usage on schema wingman_admin to wingman_admin, service_role;
