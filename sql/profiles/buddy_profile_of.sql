create or replace function wingman.buddy_profile_of(user_id uuid)
returns public.buddy_profile
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _profile public.buddy_profile;
begin
    select p.id, p.first_name, p.experience_level, p.confidence_archetype, p.reputation_score
    into _profile
    from public.user_profiles as p
    where p.id = buddy_profile_of.user_id;

    if not found then
        return null;
    end if;
    return _profile;
end
$$;

comment on function wingman.buddy_profile_of(uuid) is 'What a call reveals about this user to a partner; null without a profile';
revoke all on function wingman.buddy_profile_of(uuid) from public, anon, authenticated, service_role;
