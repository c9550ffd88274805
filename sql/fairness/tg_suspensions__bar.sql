create or replace function wingman.tg_suspensions__bar()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.matchmaking_pool as s
    set suspended = tg_op <> 'DELETE' and new.ends_at is null, suspended_until = new.ends_at
    where s.user_id = coalesce(new.user_id, old.user_id);
    -- also for somebody who is not on the leaderboard: they may be opting in at this moment
    insert into wingman.leaderboard_reviews (user_id) values (coalesce(new.user_id, old.user_id));
    return null;
end
$$;

comment on function wingman.tg_suspensions__bar() is 'Trigger: whoever is suspended is not found by searches, and
not on the leaderboard';
revoke all on function wingman.tg_suspensions__bar() from public, anon, authenticated, service_role;

create or replace trigger bar_seeker after insert or delete or update on wingman.suspensions
for each row execute function wingman.tg_suspensions__bar();
