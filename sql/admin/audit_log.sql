create or replace view wingman_admin.audit_log as
select
    a.id,
    a.occurred_at,
    a.entity,
    a.entity_id,
    a.match_id,
    a.before,
    a.after,
    a.user_id,
    a.role,
    a.login,
    a.call,
    a.request_id
from wingman.audit_log as a;

comment on view wingman_admin.audit_log is
'Every state change, as long as settings.audit_retention_months keeps it. Ask for a match_id, or for a range of occurred_at: both
have an index';
comment on column wingman_admin.audit_log.id is 'In the order in which things happened';
comment on column wingman_admin.audit_log.occurred_at is 'When the statement began that made the change';
comment on column wingman_admin.audit_log.entity is 'match, session, reputation, block, profile, seeker or settings';
comment on column wingman_admin.audit_log.entity_id is
'The match, the session, or the user: of a block, who blocked; null for settings';
comment on column wingman_admin.audit_log.match_id is 'The match of a match or a session, else null';
comment on column wingman_admin.audit_log.before is 'Its state before; null for what is new';
comment on column wingman_admin.audit_log.after is 'Its state after; null for what is gone';
comment on column wingman_admin.audit_log.user_id is 'Whom the call acted for; null outside of any call';
comment on column wingman_admin.audit_log.role is 'The role that made the change';
comment on column wingman_admin.audit_log.login is 'The login that made the change';
comment on column wingman_admin.audit_log.call is 'The function that was called; null outside of any call';
comment on column wingman_admin.audit_log.request_id is 'The header x-request-id of the call, or else its idempotency key';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;
