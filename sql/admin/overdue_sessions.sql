create or replace view wingman_admin.overdue_sessions as
select
    s.id as session_id,
    s.match_id,
    s.status,
    s.scheduled_time,
    m.user1_id,
    m.user2_id,
    s.user2_completed_confirmed_by_user1 as user1_has_confirmed,
    s.user1_completed_confirmed_by_user2 as user2_has_confirmed,
    statement_timestamp() - s.scheduled_time as overdue
from public.wingman_sessions as s
inner join public.wingman_matches as m on s.match_id = m.id
where s.is_active and wingman.is_active_session(s.status) and s.scheduled_time < statement_timestamp() - interval '24 hours';

comment on view wingman_admin.overdue_sessions is
'Sessions whose time was more than a day ago and that are not completed, cancelled or marked as a no-show. Uses the index of
active sessions and reads no others';
comment on column wingman_admin.overdue_sessions.session_id is 'The session';
comment on column wingman_admin.overdue_sessions.match_id is 'Its match';
comment on column wingman_admin.overdue_sessions.status is 'scheduled or in_progress';
comment on column wingman_admin.overdue_sessions.scheduled_time is 'When they were to meet';
comment on column wingman_admin.overdue_sessions.overdue is 'How long ago that was';
comment on column wingman_admin.overdue_sessions.user1_id is 'The participant with the smaller id';
comment on column wingman_admin.overdue_sessions.user2_id is 'The participant with the larger id';
comment on column wingman_admin.overdue_sessions.user1_has_confirmed is 'Whether user1 confirmed the completion of user2';
comment on column wingman_admin.overdue_sessions.user2_has_confirmed is 'Whether user2 confirmed the completion of user1';

revoke all on table wingman_admin.overdue_sessions from public, anon, authenticated, service_role;
grant select on table wingman_admin.overdue_sessions to wingman_admin, service_role;
