create or replace function wingman.unplace_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform wingman.leave_pending_match(old.user_id);
    delete from wingman.matchmaking_pool as s where s.user_id = old.user_id;
    return null;
end
$$;

comment on function wingman.unplace_seeker() is 'Trigger: without a location a user is not matchable any more';
revoke all on function wingman.unplace_seeker() from public, anon, authenticated, service_role;
