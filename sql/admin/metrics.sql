create or replace view wingman_admin.metrics as
with open_ones as (
    select
        count(*) filter (where o.state = 'offered') as offered,
        count(*) filter (where o.state = 'accepted') as accepted,
        count(*) filter (where o.state = 'scheduled') as scheduled,
        count(*) filter (where o.state = 'in_progress') as in_progress
    from wingman_admin.open_matches_and_sessions as o
),

seekers as (
    select
        count(*) filter (where s.pending_match_id is null and not s.paused) as free,
        count(*) filter (where s.pending_match_id is not null) as offered,
        count(*) filter (where s.paused) as paused
    from wingman.matchmaking_pool as s
),

sessions as (
    select
        sum(d.completed) as completed,
        sum(d.cancelled) as cancelled,
        sum(d.no_shows) as no_shows,
        sum(d.reverted) as reverted,
        sum(d.not_settled) as not_settled
    from wingman_admin.completion_rate_by_day as d
),

last_day as (
    select
        count(*) filter (where s.completed_at > statement_timestamp() - interval '24 hours') as completed,
        count(*) filter (where d.created_at > statement_timestamp() - interval '24 hours') as no_shows
    from public.wingman_sessions as s
    left join wingman.session_decisions as d on s.id = d.session_id and d.decision = 'no_show'
    where s.id >= wingman.first_id_at(wingman.history_start() - (select t.session_horizon from wingman.settings as t))
),

funnel as (
    select
        sum(f.offered) as offered,
        sum(f.accepted) as accepted,
        sum(f.scheduled) as scheduled,
        sum(f.completed) as completed
    from wingman_admin.match_funnel as f
    where f.offered_on > (statement_timestamp() at time zone 'UTC')::date - 7
),

overdue as (
    select count(*) as amount from wingman_admin.overdue_sessions
),

due as (
    select count(*) as amount
    from wingman.matchmaking_pool as p
    where p.pending_until <= statement_timestamp() and p.user_id < p.pending_buddy_id
),

keys as (
    select count(*) as amount from wingman.idempotency_keys
),

unplaced as (
    select count(*) as amount from wingman.events_default
)

select
    v.metric,
    v.state,
    coalesce(v.amount, 0)::bigint as amount
from open_ones as o
cross join seekers as s
cross join sessions as d
cross join last_day as l
cross join funnel as f
cross join overdue as e
cross join due as u
cross join keys as k
cross join unplaced as a
cross join lateral (
    values
    ('open', 'offered', o.offered),
    ('open', 'accepted', o.accepted),
    ('open', 'scheduled', o.scheduled),
    ('open', 'in_progress', o.in_progress),
    ('seekers', 'free', s.free),
    ('seekers', 'offered', s.offered),
    ('seekers', 'paused', s.paused),
    ('sessions', 'completed', d.completed),
    ('sessions', 'cancelled', d.cancelled),
    ('sessions', 'no_show', d.no_shows),
    ('sessions', 'reverted', d.reverted),
    ('sessions', 'not_settled', d.not_settled),
    ('last_day', 'completed', l.completed),
    ('last_day', 'no_show', l.no_shows),
    ('funnel', 'offered', f.offered),
    ('funnel', 'accepted', f.accepted),
    ('funnel', 'scheduled', f.scheduled),
    ('funnel', 'completed', f.completed),
    ('overdue_sessions', null, e.amount),
    ('due_matches', null, u.amount),
    ('idempotency_keys', null, k.amount),
    ('journal_default_rows', null, a.amount)
) as v (metric, state, amount);

comment on view wingman_admin.metrics is
'All that wingman metrics shows, one number a row. Of history it reads what the views that it counts read: thirty days, by
primary keys. Seekers and idempotency keys are counted one by one';
comment on column wingman_admin.metrics.metric is
'open: matches and sessions that are going on; seekers: people who can be matched; sessions: those of the last thirty days by
what became of them; last_day: what was completed or marked within 24 hours; funnel: matches offered within seven days, and
how far they have come; overdue_sessions; due_matches: lapsed and not settled; idempotency_keys; journal_default_rows: rows of
the journal in no month of their own, which should be none';
comment on column wingman_admin.metrics.state is 'Which of them; null where there is one number only';
comment on column wingman_admin.metrics.amount is 'How many';

revoke all on table wingman_admin.metrics from public, anon, authenticated, service_role;
grant select on table wingman_admin.metrics to wingman_admin, service_role;
