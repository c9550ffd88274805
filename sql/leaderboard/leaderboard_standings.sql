create or replace function wingman.leaderboard_standings(
    entries wingman.reputation_events[],
    reviewed uuid[],
    only_period text default null,
    only_starting date default null
)
returns setof wingman.leaderboard_standing
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
    -- a week can be in two months
    _boards text[] := case leaderboard_standings.only_period
        when 'all_time' then array['all_time']
        when 'week' then array['week']
        when 'month' then array['month', 'next month']
        else array['all_time', 'week', 'month', 'next month']
    end;
begin
    return query
    select
        s.period,
        s.starting,
        s.user_id,
        coalesce(s.count, 0),
        s.seniority,
        s.city,
        coalesce(s.count, 0) + s.change,
        s.newest_week,
        case when s.is_reviewed or s.count is null then m.seniority else s.seniority end,
        case when s.is_reviewed or s.count is null then m.city else s.city end
    from (
        select
            c.period,
            c.starting,
            c.user_id,
            k.count,
            k.seniority,
            k.city,
            greatest(k.newest_week, max(c.week)) as newest_week,
            bool_or(c.week is null) as is_reviewed,
            -- a pair counts once, however often they meet in a week
            sum(
                case c.board
                    when 'month'
                        then (coalesce(t.sessions, 0) + c.sessions > 0)::integer - coalesce(t.sessions > 0, false)::integer
                    when 'next month'
                        then (coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0)::integer
                            - coalesce(t.sessions_next_month > 0, false)::integer
                    else
                        (
                            coalesce(t.sessions, 0) + c.sessions > 0
                            or coalesce(t.sessions_next_month, 0) + c.sessions_next_month > 0
                        )::integer
                        - coalesce(t.sessions > 0 or t.sessions_next_month > 0, false)::integer
                end
            )::integer as change
        from (
            select
                case b.board when 'next month' then 'month' else b.board end as period,
                case b.board
                    when 'all_time' then date '1970-01-01'
                    when 'week' then u.week
                    when 'month' then date_trunc('month', u.week::timestamp)::date
                    else date_trunc('month', (u.week + 6)::timestamp)::date
                end as starting,
                b.board,
                u.user_id,
                u.week,
                u.buddy_id,
                u.sessions,
                u.sessions_next_month
            from wingman.leaderboard_tally_changes(leaderboard_standings.entries) as u
            cross join unnest(_boards) as b (board)
            where case b.board when 'month' then u.sessions <> 0 when 'next month' then u.sessions_next_month <> 0 else true end
            union all
            -- who is reviewed, in a period or on every board on which they have ever been
            select a.period, a.starting, a.period, r.user_id, null, null, 0, 0
            from unnest(leaderboard_standings.reviewed) as r (user_id)
            cross join lateral (
                select leaderboard_standings.only_period as period, leaderboard_standings.only_starting as starting
                where leaderboard_standings.only_period is not null
                union all
                select o.period, o.starting
                from wingman.leaderboard_counts as o
                where leaderboard_standings.only_period is null and o.user_id = r.user_id
            ) as a
        ) as c (period, starting, board, user_id, week, buddy_id, sessions, sessions_next_month)
        left join wingman.leaderboard_counts as k
            on k.user_id = c.user_id and k.period = c.period collate "C" and k.starting = c.starting
        -- looked up only where there may be one
        left join lateral (
            select y.sessions, y.sessions_next_month
            from wingman.leaderboard_tallies as y
            where c.week <= k.newest_week and y.user_id = c.user_id and y.week = c.week and y.buddy_id = c.buddy_id
            offset 0
        ) as t on true
        where leaderboard_standings.only_period is null or c.starting = leaderboard_standings.only_starting
        group by c.period, c.starting, c.user_id, k.count, k.seniority, k.city, k.newest_week
        having k.count is not null or max(c.week) is not null
    ) as s
    -- who is shown, and where: for anybody else it is still as it is stored
    left join lateral (
        select o.seniority, wingman.leaderboard_city(l.city) as city
        from wingman.leaderboard_members as o
        left join wingman.suspensions as b on b.user_id = o.user_id
        left join public.user_locations as l on l.user_id = o.user_id
        where (s.is_reviewed or s.count is null)
            and o.user_id = s.user_id
            and o.visibility <> 'off'
            and not wingman.is_suspended(b.user_id is not null and b.ends_at is null, b.ends_at)
        offset 0
    ) as m on true;
end
$$;

comment on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date) is
'Where users stand on each board, or on one of them, with what is unread. entries: of the ledger, unread; reviewed: whoever may
have begun or ceased to be shown, or have moved. Nobody else''s place differs from what is stored. The reader leaderboard stores what this says,
and wingman.get_leaderboard says it without storing it';
revoke all on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date)
from public, anon, authenticated, service_role;
