create or replace function wingman.leaderboard_page(
    period text,
    starting date,
    city uuid,
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
set jit = off
as $$
declare
    _sign integer := case when leaderboard_page.upwards then 1 else -1 end;
begin
    return query
    select b.user_id, b.count, b.seniority
    from (
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_stored(
            leaderboard_page.period,
            leaderboard_page.starting,
            leaderboard_page.city,
            array(select s.user_id from unnest(leaderboard_page.standings) as s),
            leaderboard_page.start,
            leaderboard_page.upwards,
            leaderboard_page.page_size
        ) as k
        union all
        select s.user_id, s.count, s.seniority
        from unnest(leaderboard_page.standings) as s
        where s.seniority is not null
            and s.count > 0
            and (leaderboard_page.city is null or s.city = leaderboard_page.city)
            and (_sign * s.count, _sign * s.seniority)
            > (_sign * (leaderboard_page.start).count, _sign * (leaderboard_page.start).seniority)
    ) as b
    order by _sign * b.count, _sign * b.seniority
    limit leaderboard_page.page_size;
end
$$;

comment on function wingman.leaderboard_page(
    text, date, uuid, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) is
'The next people of a board after a place, or upwards from it, the nearest first. city: null for everywhere; standings: whoever is
elsewhere than stored, wingman.leaderboard_standings. Reads as many rows as it returns, and those of standings that it passes over';
revoke all on function wingman.leaderboard_page(
    text, date, uuid, wingman.leaderboard_standing[], wingman.leaderboard_place, boolean, integer
) from public, anon, authenticated, service_role;
