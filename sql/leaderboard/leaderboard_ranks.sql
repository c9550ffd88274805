create or replace function wingman.leaderboard_ranks(
    only_period text,
    only_starting date,
    only_city uuid,
    standings wingman.leaderboard_standing[]
)
returns table (count integer, people bigint, rank integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return query
    select c.count, c.people, (sum(c.people) over (order by c.count desc) - c.people + 1)::integer
    from (
        select u.count, sum(u.people)::bigint as people
        from (
            select h.count, h.people
            from wingman.leaderboard_histogram as h
            where h.period = leaderboard_ranks.only_period collate "C"
                and h.starting = leaderboard_ranks.only_starting
                and h.city = coalesce(leaderboard_ranks.only_city, wingman.leaderboard_everywhere())
            union all
            select b.count_before, -1
            from unnest(leaderboard_ranks.standings) as b
            where b.seniority_before is not null
                and b.count_before > 0
                and (leaderboard_ranks.only_city is null or b.city_before = leaderboard_ranks.only_city)
            union all
            select n.count, 1
            from unnest(leaderboard_ranks.standings) as n
            where n.seniority is not null
                and n.count > 0
                and (leaderboard_ranks.only_city is null or n.city = leaderboard_ranks.only_city)
        ) as u
        group by u.count
        having sum(u.people) <> 0
    ) as c
    order by c.count desc;
end
$$;

comment on function wingman.leaderboard_ranks(text, date, uuid, wingman.leaderboard_standing[]) is
'How many people on a board have each count, the greatest first, and their rank. only_city: null
for everywhere; standings: whoever is elsewhere than stored';
revoke all on function wingman.leaderboard_ranks(text, date, uuid, wingman.leaderboard_standing[])
from public, anon, authenticated, service_role;
