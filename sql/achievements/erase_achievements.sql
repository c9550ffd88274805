create or replace function wingman.erase_achievements(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from wingman.earned_achievements as e where e.user_id = erase_achievements.user_id;
    delete from wingman.postponed_evaluations as o where o.user_id = erase_achievements.user_id;
end
$$;

comment on function wingman.erase_achievements(uuid) is
'Deletes what a person has earned. The caller holds the lock on the profile; wingman.award_achievements holds it too, with KEY
SHARE';
revoke all on function wingman.erase_achievements(uuid) from public, anon, authenticated, service_role;
