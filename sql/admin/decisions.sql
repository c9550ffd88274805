create or replace view wingman_admin.decisions as
select
    d.id,
    d.decided_at,
    d.login,
    d.kind,
    d.subject_id,
    d.reason,
    d.details
from wingman.operator_decisions as d;

comment on view wingman_admin.decisions is
'What operators decided, and why, kept for ever; newer ids sort later. Filter by subject_id or by a range of ids: both find rows
without reading all of them';
comment on column wingman_admin.decisions.id is 'The decision, UUID version 7';
comment on column wingman_admin.decisions.decided_at is 'When it was decided';
comment on column wingman_admin.decisions.login is 'The login of the operator';
comment on column wingman_admin.decisions.kind is 'What was decided: a word of wingman.decision_kinds()';
comment on column wingman_admin.decisions.subject_id is
'The user, match, session, report, message or webhook that it concerns; null for settings, texts and achievements';
comment on column wingman_admin.decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.decisions.details is 'What kind and subject do not say, see wingman.decision_kinds()';

revoke all on table wingman_admin.decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.decisions to wingman_admin, service_role;
