create or replace function wingman.tg_user_locations__place()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- a plan made while the tables were small must not scan them whole until the next analyze
set enable_seqscan = off
-- with a table that is scanned whole after all, the plan would seem dear enough to be compiled at each call
set jit = off
as $$
begin
    insert into wingman.matchmaking_pool as s (
        user_id, grid_lat, grid_lng, level, max_travel_miles, cooldown_until, suspended, suspended_until
    )
    select
        new.user_id,
        g.lat,
        -- one place, one cell: at the poles, and where east meets west
        case when abs(g.lat) = 9000 then 0 when g.lng = -18000 then 18000 else g.lng end,
        wingman.experience_rank(p.experience_level),
        new.max_travel_miles,
        -- whoever comes back by the same id finds them again
        wingman.cooldown_until(new.user_id),
        b.user_id is not null and b.ends_at is null,
        b.ends_at
    from public.user_profiles as p
    left join wingman.suspensions as b on b.user_id = new.user_id
    cross join lateral (
        select wingman.snap_to_grid(new.lat, new.privacy_mode), wingman.snap_to_grid(new.lng, new.privacy_mode)
    ) as g (lat, lng)
    where p.id = new.user_id
    on conflict on constraint matchmaking_pool_pkey do update
    set
        grid_lat = excluded.grid_lat,
        grid_lng = excluded.grid_lng,
        max_travel_miles = excluded.max_travel_miles;
    if tg_op = 'INSERT' or old.city is distinct from new.city then
        insert into wingman.leaderboard_reviews (user_id)
        select o.user_id from wingman.leaderboard_members as o where o.user_id = new.user_id;
    end if;
    return null;
end
$$;

comment on function wingman.tg_user_locations__place() is
'Trigger: a profile with a location makes its user matchable. A new location keeps waiting time, pause and pending match.
In another city, one is on another leaderboard.';
revoke all on function wingman.tg_user_locations__place() from public, anon, authenticated, service_role;

create or replace trigger place_seeker after insert or update on public.user_locations
for each row execute function wingman.tg_user_locations__place();
