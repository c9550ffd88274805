-- The logins of the processes, each with what it needs. Run it once, as a superuser, after wingman db upgrade; then
-- give each a password with \password. wingman serve logs in as authenticator, which exists already.

create role wingman_deliver login in role wingman_worker;
create role wingman_maintain login in role wingman_admin;
create role wingman_metrics login in role wingman_admin;
