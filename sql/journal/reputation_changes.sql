create or replace function wingman.reputation_changes(entries wingman.reputation_events[])
returns table (score integer, people bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up each of a few rows, never scan a whole table
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
    -- entries of one person are written one at a time, so the previous one was there first and never changes
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
'How entries of the ledger change the number of people with each reputation: each takes one from the reputation after the
person''s previous entry, or that of a new person, and adds one to the reputation after this entry. The order of entries does not
matter';
revoke all on function wingman.reputation_changes(wingman.reputation_events[]) from public, anon, authenticated, service_role;
