create or replace view wingman_admin.session_decisions as
select
    d.subject_id as session_id,
    k.decision,
    d.reason,
    d.login as decided_by,
    d.decided_at as created_at,
    array(
        select e.user_id
        from wingman.reputation_events as e
        where e.user_id in (s.user1_id, s.user2_id) and e.session_id = d.subject_id and e.created_at = d.decided_at
        order by e.user_id
    ) as user_ids
from wingman.operator_decisions as d
inner join public.wingman_sessions as s on d.subject_id = s.id
cross join lateral replace(d.kind, 'session_', '') as k (decision)
where d.kind in ('session_no_show', 'session_reverted', 'session_cancelled', 'no_show_upheld', 'no_show_dismissed');

comment on view wingman_admin.session_decisions is
'What operators decided about sessions: who did not come, or was not found to be absent, what was taken back, what was
cancelled';
comment on column wingman_admin.session_decisions.session_id is 'The session';
comment on column wingman_admin.session_decisions.decision is
'no_show: mark_no_show; no_show_upheld, no_show_dismissed: decide_no_show; reverted: revert_completion; cancelled:
cancel_session';
comment on column wingman_admin.session_decisions.reason is 'Why, in the operator''s words';
comment on column wingman_admin.session_decisions.decided_by is 'The login of the operator';
comment on column wingman_admin.session_decisions.created_at is 'When it was decided';
comment on column wingman_admin.session_decisions.user_ids is 'The people whose reputation it changed';

revoke all on table wingman_admin.session_decisions from public, anon, authenticated, service_role;
grant select on table wingman_admin.session_decisions to wingman_admin, service_role;
