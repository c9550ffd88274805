create or replace function wingman.leaderboard_stored(
    period text,
    starting date,
    city uuid,
    but uuid[],
    start wingman.leaderboard_place,
    upwards boolean,
    max_rows integer
)
returns setof wingman.leaderboard_place
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
set jit = off
as $$
begin
    -- each is a range of an index, which a plan for all four would not be
    if leaderboard_stored.city is null and leaderboard_stored.upwards then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) > ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            -- hashed once; a join would have to read the whole board
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count, k.seniority
        limit leaderboard_stored.max_rows;
    elsif leaderboard_stored.city is null then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) < ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count desc, k.seniority desc
        limit leaderboard_stored.max_rows;
    elsif leaderboard_stored.upwards then
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.city = leaderboard_stored.city
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) > ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count, k.seniority
        limit leaderboard_stored.max_rows;
    else
        return query
        select k.user_id, k.count, k.seniority
        from wingman.leaderboard_counts as k
        where k.period = leaderboard_stored.period collate "C"
            and k.starting = leaderboard_stored.starting
            and k.city = leaderboard_stored.city
            and k.seniority is not null
            and k.count > 0
            and (k.count, k.seniority) < ((leaderboard_stored.start).count, (leaderboard_stored.start).seniority)
            and k.user_id not in (select o.user_id from unnest(leaderboard_stored.but) as o (user_id))
        order by k.count desc, k.seniority desc
        limit leaderboard_stored.max_rows;
    end if;
end
$$;

comment on function wingman.leaderboard_stored(text, date, uuid, uuid[], wingman.leaderboard_place, boolean, integer) is
'The next people of a board after a place, or upwards from it, the nearest first, as stored, but for these users. city: null for
everywhere';
revoke all on function wingman.leaderboard_stored(text, date, uuid, uuid[], wingman.leaderboard_place, boolean, integer)
from public, anon, authenticated, service_role;
