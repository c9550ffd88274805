create or replace function wingman.tg_user_profiles__guard()
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

comment on function wingman.tg_user_profiles__guard() is
'Trigger: checks a profile''s texts and stamps updated_at when they are written; wingman.record_reputation does so for the
counters';
revoke all on function wingman.tg_user_profiles__guard() from public, anon, authenticated, service_role;

create or replace trigger guard_profile
before insert or update of first_name, experience_level, bio, photo_url, confidence_archetype on public.user_profiles
for each row execute function wingman.tg_user_profiles__guard();
