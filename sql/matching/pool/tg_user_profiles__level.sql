create or replace function wingman.tg_user_profiles__level()
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

comment on function wingman.tg_user_profiles__level() is 'Trigger: a seeker has the experience level of its profile';
revoke all on function wingman.tg_user_profiles__level() from public, anon, authenticated, service_role;

create or replace trigger level_seeker after update of experience_level on public.user_profiles
for each row when (new.experience_level <> old.experience_level) execute function wingman.tg_user_profiles__level();
