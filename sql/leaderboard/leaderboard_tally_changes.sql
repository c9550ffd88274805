create or replace function wingman.leaderboard_tally_changes(entries wingman.reputation_events[])
returns table (user_id uuid, week date, buddy_id uuid, sessions integer, sessions_next_month integer)
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
        c.user_id,
        w.week,
        c.buddy_id,
        sum(case when w.is_next_month then 0 else c.change end)::integer,
        sum(case when w.is_next_month then c.change else 0 end)::integer
    from (
        select e.user_id, e.buddy_id, e.created_at at time zone 'UTC' as completed_at, 1 as change
        from unnest(leaderboard_tally_changes.entries) as e
        where e.kind = 'completed'
        union all
        -- what is reverted counts no longer when it was completed
        select o.user_id, o.buddy_id, o.created_at at time zone 'UTC', -1
        from unnest(leaderboard_tally_changes.entries) as r
        inner join wingman.reputation_events as o
            on o.user_id = r.user_id and o.session_id = r.session_id and o.kind = 'completed'
        where r.kind = 'completion_reverted'
    ) as c
    cross join lateral (
        select
            date_trunc('week', c.completed_at)::date as week,
            date_trunc('month', c.completed_at) > date_trunc('week', c.completed_at) as is_next_month
    ) as w
    where c.buddy_id is not null
    group by c.user_id, w.week, c.buddy_id;
end
$$;

comment on function wingman.leaderboard_tally_changes(wingman.reputation_events[]) is
'How entries of the ledger change wingman.leaderboard_tallies. The order of entries does not matter';
revoke all on function wingman.leaderboard_tally_changes(wingman.reputation_events[])
from public, anon, authenticated, service_role;
