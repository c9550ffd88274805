create or replace function wingman.leaderboard_page(
    period text,
    starting date,
    standings wingman.leaderboard_standing[],
    start wingman.leaderboard_place,
    upwards boolean,
    page_size integer
)
returns setof wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    if leaderboard_page.upwards then
        return query
        select u.user_id, u.count, u.seniority
        from (
            (
                select k.user_id, k.count, k.seniority
                from wingman.leaderboard_counts as k
                where k.period = leaderboard_page.period collate "C"
                    and k.starting = leaderboard_page.starting
                    and k.seniority is not null
                    and k.count > 0
                    and (k.count, k.seniority) > ((leaderboard_page.start).count, (leaderboard_page.start).seniority)
                    -- hashed once; a join would have to read the whole board
                    and k.user_id not in (select s.user_id from unnest(leaderboard_page.standings) as s)
                order by k.count, k.seniority
                limit leaderboard_page.page_size
            )
            union all
            select s.user_id, s.count, s.seniority
            from unnest(leaderboard_page.standings) as s
            where s.seniority is not null
                and s.count > 0
                and (s.count, s.seniority) > ((leaderboard_page.start).count, (leaderboard_page.start).seniority)
        ) as u
        order by u.count, u.seniority
        limit leaderboard_page.page_size;
        return;
    end if;

    return query
    select d.user_id, d.count, d.seniority
    from (
        (
            select k.user_id, k.count, k.seniority
            from wingman.leaderboard_counts as k
            where k.period = leaderboard_page.period collate "C"
                and k.starting = leaderboard_page.starting
                and k.seniority is not null
                and k.count > 0
                and (k.count, k.seniority) < ((leaderboard_page.start).count, (leaderboard_page.start).seniority)
                and k.user_id not in (select s.user_id from unnest(leaderboard_page.standings) as s)
            order by k.count desc, k.seniority desc
            limit leaderboard_page.page_size
        )
        union all
        select s.user_id, s.count, s.seniority
        from unnest(leaderboard_page.standings) as s
        where s.seniority is not null
            and s.count > 0
            and (s.count, s.seniority) < ((leaderboard_page.start).count, (leaderboard_page.start).seniority)
    ) as d
    order by d.count desc, d.seniority desc
    limit leaderboard_page.page_size;
end
$$;

comment on function wingman.leaderboard_page(
    text, date, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) is
'The next people of a board after a place, or upwards from it, the nearest first. standings: whoever is elsewhere than stored,
wingman.leaderboard_standings. Reads as many rows as it returns, and those of standings that it passes over';
revoke all on function wingman.leaderboard_page(
    text, date, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) from public, anon, authenticated, service_role;
