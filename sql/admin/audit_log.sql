create or replace view wingman_admin.audit_log as
select
    e.id,
    e.occurred_at,
    e.kind,
    e.match_id,
    e.session_id,
    e.user_id,
    e.details,
    nullif(split_part(e.source, e'\t', 1), '') as call,
    nullif(split_part(e.source, e'\t', 2), '') as acted_for,
    coalesce(nullif(split_part(e.source, e'\t', 3), 'none'), split_part(e.source, e'\t', 4)) as role,
    split_part(e.source, e'\t', 4) as login,
    nullif(split_part(e.source, e'\t', 5), '') as request_id,
    wingman.decision_of(e.source) as decision_id
from wingman.events as e;

comment on view wingman_admin.audit_log is
'The journal: every change of state, kept for settings.journal_retention_months. Filter by match_id or by a range of occurred_at:
both find rows without reading the whole journal';
comment on column wingman_admin.audit_log.id is
'The order of writing. For one match or session, this is the order in which things happened';
comment on column wingman_admin.audit_log.occurred_at is 'Start of the statement that made the change';
comment on column wingman_admin.audit_log.kind is 'What happened, a word of wingman.event_kinds()';
comment on column wingman_admin.audit_log.match_id is 'The match that it happened to, directly or through a session; else null';
comment on column wingman_admin.audit_log.session_id is 'The session that it happened to; else null';
comment on column wingman_admin.audit_log.user_id is
'For matches and sessions: which of the two people did it; null if neither did. For a profile, a pause or a block: the user';
comment on column wingman_admin.audit_log.details is 'Whatever kind and ids do not say; see wingman.event_kinds()';
comment on column wingman_admin.audit_log.call is 'The function that was called; null for direct SQL';
comment on column wingman_admin.audit_log.acted_for is
'The user on whose behalf the call was made; null for direct SQL and for operators'' functions';
comment on column wingman_admin.audit_log.role is 'The role that made the change, wingman.caller_role';
comment on column wingman_admin.audit_log.login is 'The login that made the change, session_user';
comment on column wingman_admin.audit_log.request_id is 'The header x-request-id of the call; null without one';
comment on column wingman_admin.audit_log.decision_id is
'The decision in wingman_admin.decisions that the change carries out; null for everything but operators'' functions';

revoke all on table wingman_admin.audit_log from public, anon, authenticated, service_role;
grant select on table wingman_admin.audit_log to wingman_admin, service_role;
