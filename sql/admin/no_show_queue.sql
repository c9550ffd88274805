create or replace view wingman_admin.no_show_queue as
select
    r.session_id,
    r.created_at,
    r.status,
    r.answer_by,
    r.decide_by,
    r.reporter_id,
    r.accused_id,
    r.reason,
    r.note,
    r.statement,
    s.scheduled_time,
    s.status as session_status,
    r.status = 'contested' or r.answer_by <= statement_timestamp() as can_be_decided,
    coalesce(p.no_shows, 0) as accused_no_shows,
    coalesce(q.no_shows, 0) as reporter_no_shows
from wingman.no_show_reports as r
inner join public.wingman_sessions as s on r.session_id = s.id
left join public.user_profiles as p on r.accused_id = p.id
left join public.user_profiles as q on r.reporter_id = q.id
where r.closed_at is null and r.decide_by > statement_timestamp()
order by r.decide_by asc, r.id asc;

comment on view wingman_admin.no_show_queue is
'The reports of no-shows that are not decided and have not lapsed, those that lapse first at the top: wingman_admin.decide_no_show
decides both reports of a session at once';
comment on column wingman_admin.no_show_queue.session_id is 'The session: decide_no_show takes it';
comment on column wingman_admin.no_show_queue.created_at is 'When it was reported';
comment on column wingman_admin.no_show_queue.status is 'open or contested';
comment on column wingman_admin.no_show_queue.answer_by is 'From then on it can be decided without an answer';
comment on column wingman_admin.no_show_queue.decide_by is 'When it lapses';
comment on column wingman_admin.no_show_queue.reporter_id is 'Who reports';
comment on column wingman_admin.no_show_queue.accused_id is 'Who is reported';
comment on column wingman_admin.no_show_queue.reason is 'did_not_come, came_too_late or left_early';
comment on column wingman_admin.no_show_queue.note is 'What the person who reports adds, for operators only';
comment on column wingman_admin.no_show_queue.statement is 'What the person reported says to it, for operators only';
comment on column wingman_admin.no_show_queue.scheduled_time is 'The time of the session';
comment on column wingman_admin.no_show_queue.session_status is 'Its status';
comment on column wingman_admin.no_show_queue.can_be_decided is 'Whether it was answered, or the time for an answer is over';
comment on column wingman_admin.no_show_queue.accused_no_shows is 'How many sessions the person reported has missed';
comment on column wingman_admin.no_show_queue.reporter_no_shows is 'How many sessions the person who reports has missed';

revoke all on table wingman_admin.no_show_queue from public, anon, authenticated, service_role;
grant select on table wingman_admin.no_show_queue to wingman_admin, service_role;
