create or replace function wingman.get_profile(user_id uuid)
returns public.profile_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.profile_details_of(wingman.require_profile(wingman.acting_user_id(get_profile.user_id)));
end
$$;

comment on function wingman.get_profile(uuid) is 'Engine of public.get_profile';
revoke all on function wingman.get_profile(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_profile(uuid) to authenticated, service_role, wingman_admin;
