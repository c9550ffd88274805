create or replace function wingman.require_profile(user_id uuid, or_null boolean default false)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if exists (select from public.user_profiles as p where p.id = require_profile.user_id) then
        return require_profile.user_id;
    end if;

    if wingman.caller_role() <> 'authenticated' then
        perform wingman.raise_error('user_not_found');
    elsif not require_profile.or_null then
        perform wingman.raise_error('profile_incomplete');
    end if;
    return null;
end
$$;

comment on function wingman.require_profile(uuid, boolean) is
'The user on whose behalf a call is made, who must have a profile. or_null: return null for a calling user without one.
Errors: profile_incomplete (the user calls), user_not_found (another caller names the user).';
revoke all on function wingman.require_profile(uuid, boolean) from public, anon, authenticated, service_role;
