create or replace view wingman_admin.settings_history as
select
    d.id as decision_id,
    d.decided_at,
    d.login,
    c.name,
    d.reason,
    d.details -> 'before' ->> c.name as value_before,
    d.details -> 'after' ->> c.name as value_after
from wingman.operator_decisions as d
cross join lateral jsonb_object_keys(d.details -> 'after') as c (name)
where d.kind = 'settings_changed'
order by d.id desc, c.name asc;

comment on view wingman_admin.settings_history is 'Which setting was changed when, by whom and why, newest first';
comment on column wingman_admin.settings_history.decision_id is 'The decision, in wingman_admin.decisions';
comment on column wingman_admin.settings_history.decided_at is 'When it was changed';
comment on column wingman_admin.settings_history.login is 'The login of the operator';
comment on column wingman_admin.settings_history.name is 'The setting';
comment on column wingman_admin.settings_history.value_before is 'Its value before';
comment on column wingman_admin.settings_history.value_after is 'Its value after';
comment on column wingman_admin.settings_history.reason is 'Why, in the operator''s words';

revoke all on table wingman_admin.settings_history from public, anon, authenticated, service_role;
grant select on table wingman_admin.settings_history to wingman_admin, service_role;
