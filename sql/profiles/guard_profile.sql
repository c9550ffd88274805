create or replace function wingman.guard_profile()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.profile_violation(
        new.first_name, new.experience_level, new.bio, new.photo_url, new.confidence_archetype
    ) is not null then
        raise exception using
            errcode = 'check_violation',
            constraint = 'user_profiles_rules',
            message = 'A text of this profile breaks a rule';
    end if;
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.guard_profile() is
'Trigger: the rules of a profile''s texts, and updated_at, when they are written; wingman.record_reputation stamps the counters';
revoke all on function wingman.guard_profile() from public, anon, authenticated, service_role;
