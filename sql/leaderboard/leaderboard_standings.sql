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
begin
    return query
    select
        s.period,
        s.starting,
        s.user_id,
        coalesce(k.count, 0),
        k.seniority,
        coalesce(k.count, 0) + s.change,
        case when s.is_reviewed or k.user_id is null then m.seniority else k.seniority end
    from (
        select c.period, c.starting, c.user_id, sum(c.change)::integer as change, bool_or(c.is_reviewed) as is_reviewed
        from (
            select u.period, u.starting, u.user_id, u.change, false as is_reviewed
            from wingman.leaderboard_count_changes(
                leaderboard_standings.entries, leaderboard_standings.only_period, leaderboard_standings.only_starting
            ) as u
            union all
            select b.period, b.starting, r.user_id, 0, true
            from unnest(leaderboard_standings.reviewed) as r (user_id)
            cross join lateral (
                select leaderboard_standings.only_period as period, leaderboard_standings.only_starting as starting
                where leaderboard_standings.only_period is not null
                union all
                -- every board on which the user has ever been
                select a.period, wingman.leaderboard_start(a.period, t.week + a.days)
                from wingman.leaderboard_tallies as t
                cross join unnest(array['all_time', 'week', 'month', 'month'], array[0, 0, 0, 6]) as a (period, days)
                where leaderboard_standings.only_period is null and t.user_id = r.user_id
            ) as b
        ) as c
        group by c.period, c.starting, c.user_id
    ) as s
    left join wingman.leaderboard_counts as k
        on k.period = s.period collate "C" and k.starting = s.starting and k.user_id = s.user_id
    -- who is shown: for anybody else it is still as it is stored
    left join lateral (
        select o.seniority
        from wingman.leaderboard_members as o
        left join wingman.suspensions as b on b.user_id = o.user_id
        where (s.is_reviewed or k.user_id is null)
            and o.user_id = s.user_id
            and o.visibility <> 'off'
            and not wingman.is_suspended(b.user_id is not null and b.ends_at is null, b.ends_at)
        -- looked up for those alone
        offset 0
    ) as m on true
    where k.user_id is not null or s.change <> 0;
end
$$;

comment on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date) is
'Where users stand on each board, or on one of them, with what is unread. entries: of the ledger, unread; reviewed: whoever may
have begun or ceased to be shown. Nobody else''s place differs from what is stored. The reader leaderboard stores what this says,
and wingman.get_leaderboard says it without storing it';
revoke all on function wingman.leaderboard_standings(wingman.reputation_events[], uuid[], text, date)
from public, anon, authenticated, service_role;
