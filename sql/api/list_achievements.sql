create or replace function public.list_achievements(subject_id uuid default null, user_id uuid default null)
returns setof public.achievement
language plpgsql
stable
rows 20
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select a.* from wingman.list_achievements(list_achievements.subject_id, list_achievements.user_id) as a;
end
$$;

comment on function public.list_achievements(uuid, uuid) is
'Lists the achievements of the caller, earned and in progress, or those that a current partner has earned.
subject_id: the person; null: the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the achievements by metric and threshold. They follow from the completed sessions and are exact at once; the notification
achievement_earned comes a moment later.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, reputation_not_visible.';
revoke all on function public.list_achievements(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.list_achievements(uuid, uuid) to authenticated, service_role, wingman_admin;
