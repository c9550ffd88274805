create or replace function wingman.tg_user_locations__unplace()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.leave_pending_match(old.user_id);
    delete from wingman.matchmaking_pool as s where s.user_id = old.user_id;
    insert into wingman.leaderboard_reviews (user_id)
    select o.user_id from wingman.leaderboard_members as o where o.user_id = old.user_id;
    return null;
end
$$;

comment on function wingman.tg_user_locations__unplace() is
'Trigger: without a location a user is no longer matchable, and on no leaderboard of a city';
revoke all on function wingman.tg_user_locations__unplace() from public, anon, authenticated, service_role;

create or replace trigger unplace_seeker after delete on public.user_locations
for each row execute function wingman.tg_user_locations__unplace();
