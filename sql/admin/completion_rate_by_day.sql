create or replace view wingman_admin.completion_rate_by_day as
select
    (s.scheduled_time at time zone 'UTC')::date as held_on,
    count(*) as sessions,
    count(*) filter (where s.status = 'completed' and s.reverted_at is null) as completed,
    count(*) filter (where s.status = 'cancelled') as cancelled,
    count(*) filter (where s.status = 'no_show' and s.reverted_at is null) as no_shows,
    count(*) filter (where s.reverted_at is not null) as reverted,
    count(*) filter (where s.status in ('scheduled', 'in_progress')) as not_settled,
    round(count(*) filter (where s.status = 'completed' and s.reverted_at is null)::numeric / count(*), 3) as completion_rate
from public.wingman_sessions as s
where
    s.id >= wingman.first_id_at(wingman.history_start() - (select t.session_horizon from wingman.settings as t))
    and s.scheduled_time >= wingman.history_start()
    and s.scheduled_time <= statement_timestamp()
group by (s.scheduled_time at time zone 'UTC')::date;

comment on view wingman_admin.completion_rate_by_day is
'What became of the sessions of each day, up to thirty days back. By the primary key it reads the sessions made since then and
settings.session_horizon, since none is made further ahead';
comment on column wingman_admin.completion_rate_by_day.held_on is 'The day, in UTC, when they were to take place';
comment on column wingman_admin.completion_rate_by_day.sessions is 'How many were to take place up to now';
comment on column wingman_admin.completion_rate_by_day.completed is 'Both confirmed, and not reverted';
comment on column wingman_admin.completion_rate_by_day.cancelled is 'Cancelled';
comment on column wingman_admin.completion_rate_by_day.no_shows is 'Somebody did not come, and not reverted';
comment on column wingman_admin.completion_rate_by_day.reverted is 'Completions and no-shows that operators took back';
comment on column wingman_admin.completion_rate_by_day.not_settled is 'Still scheduled or in progress';
comment on column wingman_admin.completion_rate_by_day.completion_rate is 'completed / sessions, from 0 to 1';

revoke all on table wingman_admin.completion_rate_by_day from public, anon, authenticated, service_role;
grant select on table wingman_admin.completion_rate_by_day to wingman_admin, service_role;
