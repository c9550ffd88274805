create or replace function wingman.reputation_changes(entries wingman.reputation_events[])
returns table (score integer, people bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- a look-up for each of a few rows, never a table from end to end
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    select c.score, sum(c.people)
    from unnest(reputation_changes.entries) as e
    -- entries of one person are written in turn, so that the one before was there first and never changes
    left join lateral (
        select b.kind, b.completed_sessions, b.no_shows
        from wingman.reputation_events as b
        where b.user_id = e.user_id and b.id < e.id
        order by b.id desc
        limit 1
    ) as p on true
    cross join lateral (
        select
            case
                when p.kind <> 'departed' then wingman.reputation_score(p.completed_sessions, p.no_shows)
                else wingman.reputation_score(0, 0)
            end as score,
            -1 as people
        union all
        select wingman.reputation_score(e.completed_sessions, e.no_shows), 1
        where e.kind <> 'departed'
    ) as c
    group by c.score;
end
$$;

comment on function wingman.reputation_changes(wingman.reputation_events[]) is
'How many people more, or fewer, have each reputation after entries of the ledger: minus what each person had by the entry before,
which is that of somebody new where there is none, and plus what they have by this one. The same in whatever order they come';
revoke all on function wingman.reputation_changes(wingman.reputation_events[]) from public, anon, authenticated, service_role;
