create or replace function wingman.leaderboard_count_changes(
    entries wingman.reputation_events[],
    only_period text,
    only_starting date
)
returns table (period text, starting date, user_id uuid, change integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select p.period, p.starting, c.user_id, sum(p.change)::integer
    from wingman.leaderboard_tally_changes(leaderboard_count_changes.entries) as c
    left join wingman.leaderboard_tallies as t
        on t.user_id = c.user_id and t.week = c.week and t.buddy_id = c.buddy_id
    -- a pair counts once, however often they meet in a week
    cross join lateral (
        select
            (coalesce(t.sessions, 0) + c.sessions > 0)::integer as now_this,
            (coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0)::integer as now_next,
            coalesce(t.sessions > 0, false)::integer as was_this,
            coalesce(t.sessions_next_month > 0, false)::integer as was_next,
            date_trunc('month', c.week::timestamp)::date as this_month
    ) as m
    cross join lateral (
        values
        ('all_time', date '1970-01-01', greatest(m.now_this, m.now_next) - greatest(m.was_this, m.was_next)),
        ('week', c.week, greatest(m.now_this, m.now_next) - greatest(m.was_this, m.was_next)),
        ('month', m.this_month, m.now_this - m.was_this),
        ('month', (m.this_month + interval '1 month')::date, m.now_next - m.was_next)
    ) as p (period, starting, change)
    where p.change <> 0
        and (
            leaderboard_count_changes.only_period is null
            or (p.period = leaderboard_count_changes.only_period and p.starting = leaderboard_count_changes.only_starting)
        )
    group by p.period, p.starting, c.user_id;
end
$$;

comment on function wingman.leaderboard_count_changes(wingman.reputation_events[], text, date) is
'How unread entries of the ledger change the counts of users on each board, or on one of them; wingman.leaderboard_tallies has
what has been read';
revoke all on function wingman.leaderboard_count_changes(wingman.reputation_events[], text, date)
from public, anon, authenticated, service_role;
