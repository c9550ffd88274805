create or replace function wingman.level_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update wingman.matchmaking_pool as s
    set level = wingman.experience_rank(new.experience_level)
    where s.user_id = new.id;
    return null;
end
$$;

comment on function wingman.level_seeker() is 'Trigger: a seeker has the experience level of its profile';
revoke all on function wingman.level_seeker() from public, anon, authenticated, service_role;
