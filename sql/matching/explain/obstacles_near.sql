create or replace function wingman.obstacles_near(user_id uuid, radius_miles integer)
returns table (obstacle text, people bigint, nearest_miles integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _seeker wingman.matchmaking_pool;
    _settings wingman.settings;
begin
    select s.* into strict _seeker from wingman.matchmaking_pool as s where s.user_id = obstacles_near.user_id;
    select t.* into strict _settings from wingman.settings as t;

    return query
    select o.obstacle, count(*), wingman.shown_miles(min(o.miles))
    from (
        select
            n.miles,
            -- a block comes before everything else, as a pause does, so that a blocked person cannot tell the two apart
            case b.obstacle
                when 'blocked' then 'blocked'
                else wingman.match_obstacle(_seeker, n.candidate, n.miles, obstacles_near.radius_miles, _settings)
            end as obstacle
        from (
            -- cell by cell, so that nobody beyond the last person counted is read
            select p.candidate, c.miles
            from (
                select k.grid_lat, k.grid_lng, k.miles
                from wingman.cells_near(_seeker.grid_lat, _seeker.grid_lng, -1, obstacles_near.radius_miles) as k
                order by k.miles
                offset 0
            ) as c
            cross join lateral (
                select s as candidate
                from wingman.matchmaking_pool as s
                where s.grid_lat = c.grid_lat and s.grid_lng = c.grid_lng and s.user_id <> _seeker.user_id
                offset 0
            ) as p
            order by c.miles
            limit 1000
        ) as n
        cross join lateral wingman.pair_obstacle(_seeker.user_id, (n.candidate).user_id, null) as b
    ) as o
    group by o.obstacle
    order by count(*) desc, o.obstacle;
end
$$;

comment on function wingman.obstacles_near(uuid, integer) is
'How many people within a radius each wingman.match_obstacle keeps from being offered to a user, who must be in the pool, and how
near the nearest of them is; obstacle null: nothing keeps them. Counts at most the 1000 nearest people.';
revoke all on function wingman.obstacles_near(uuid, integer) from public, anon, authenticated, service_role;
