create or replace function public.get_profile(user_id uuid default null)
returns public.profile_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_profile(get_profile.user_id);
end
$$;

comment on function public.get_profile(uuid) is
'Reads the caller''s own profile with location and settings.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one profile.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete.';
revoke all on function public.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_profile(uuid) to authenticated, service_role, wingman_admin;
