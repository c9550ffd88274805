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
declare
    _boards text[] := case leaderboard_count_changes.only_period
        when 'all_time' then array['all_time']
        when 'week' then array['week']
        when 'month' then array['month', 'next month']
        else array['all_time', 'week', 'month', 'next month']
    end;
begin
    return query
    select p.period, p.starting, p.user_id, p.change
    from (
        select
            case b.board when 'next month' then 'month' else b.board end as period,
            case b.board
                when 'all_time' then date '1970-01-01'
                when 'week' then c.week
                when 'month' then date_trunc('month', c.week::timestamp)::date
                -- the month in which the week ends
                else date_trunc('month', (c.week + 6)::timestamp)::date
            end as starting,
            c.user_id,
            -- a pair counts once, however often they meet in a week
            case b.board
                when 'month' then m.now_this - m.was_this
                when 'next month' then m.now_next - m.was_next
                else greatest(m.now_this, m.now_next) - greatest(m.was_this, m.was_next)
            end as change
        from wingman.leaderboard_tally_changes(leaderboard_count_changes.entries) as c
        left join wingman.leaderboard_tallies as t
            on t.user_id = c.user_id and t.week = c.week and t.buddy_id = c.buddy_id
        cross join lateral (
            select
                (coalesce(t.sessions, 0) + c.sessions > 0)::integer as now_this,
                (coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0)::integer as now_next,
                coalesce(t.sessions > 0, false)::integer as was_this,
                coalesce(t.sessions_next_month > 0, false)::integer as was_next
        ) as m
        cross join unnest(_boards) as b (board)
    ) as p
    where p.change <> 0
        and (leaderboard_count_changes.only_period is null or p.starting = leaderboard_count_changes.only_starting);
end
$$;

comment on function wingman.leaderboard_count_changes(wingman.reputation_events[], text, date) is
'How unread entries of the ledger change the counts of users on each board, or on one of them, in as many rows as there are
changes; wingman.leaderboard_tallies has what has been read';
revoke all on function wingman.leaderboard_count_changes(wingman.reputation_events[], text, date)
from public, anon, authenticated, service_role;
