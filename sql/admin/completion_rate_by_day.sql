create or replace view wingman_admin.completion_rate_by_day as
select
    c.held_on,
    sum(c.sessions)::bigint as sessions,
    coalesce(sum(c.sessions) filter (where c.outcome = 'completed'), 0)::bigint as completed,
    coalesce(sum(c.sessions) filter (where c.outcome = 'cancelled'), 0)::bigint as cancelled,
    coalesce(sum(c.sessions) filter (where c.outcome = 'no_show'), 0)::bigint as no_shows,
    coalesce(sum(c.sessions) filter (where c.outcome = 'reverted'), 0)::bigint as reverted,
    coalesce(sum(c.sessions) filter (where c.outcome = 'not_settled'), 0)::bigint as not_settled,
    round(coalesce(sum(c.sessions) filter (where c.outcome = 'completed'), 0) / sum(c.sessions), 3) as completion_rate
from wingman.session_counts(statement_timestamp()) as c
group by c.held_on;

comment on view wingman_admin.completion_rate_by_day is
'The outcomes of the sessions of each day, over all time. Reads what the reader statistics has counted and the events that it has
not read yet, never the whole history';
comment on column wingman_admin.completion_rate_by_day.held_on is 'The day, in UTC, for which they were scheduled';
comment on column wingman_admin.completion_rate_by_day.sessions is 'How many were due up to now';
comment on column wingman_admin.completion_rate_by_day.completed is 'Both people confirmed; not reverted';
comment on column wingman_admin.completion_rate_by_day.cancelled is 'Cancelled';
comment on column wingman_admin.completion_rate_by_day.no_shows is 'Somebody did not come; not reverted';
comment on column wingman_admin.completion_rate_by_day.reverted is 'Completions and no-shows that operators took back';
comment on column wingman_admin.completion_rate_by_day.not_settled is 'Still scheduled or in progress';
comment on column wingman_admin.completion_rate_by_day.completion_rate is 'completed / sessions, from 0 to 1';

revoke all on table wingman_admin.completion_rate_by_day from public, anon, authenticated, service_role;
grant select on table wingman_admin.completion_rate_by_day to wingman_admin, service_role;
