create or replace function wingman.tg_user_profiles__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, user_id, details)
    select
        case tg_op when 'INSERT' then 'profile_created' when 'UPDATE' then 'profile_changed' else 'profile_deleted' end,
        coalesce(new.id, old.id),
        case when tg_op = 'UPDATE' then jsonb_build_object('changed', c.names) end
    from (
        select array_remove(
            array[
                case when new.first_name <> old.first_name then 'first_name' end,
                case when new.bio is distinct from old.bio then 'bio' end,
                case when new.photo_url is distinct from old.photo_url then 'photo_url' end,
                case when new.experience_level <> old.experience_level then 'experience_level' end,
                case when new.confidence_archetype is distinct from old.confidence_archetype then 'confidence_archetype' end
            ],
            null
        ) as names
    ) as c
    where tg_op <> 'UPDATE' or c.names <> '{}';
    return new;
end
$$;

comment on function wingman.tg_user_profiles__journal() is
'Trigger: writes to wingman.events that a profile was created, deleted or changed, and which columns changed, but never their
texts';
revoke all on function wingman.tg_user_profiles__journal() from public, anon, authenticated, service_role;

-- the counters are not among these columns: the ledger is their journal
create or replace trigger journal
after insert or delete or update of first_name, bio, photo_url, experience_level, confidence_archetype
on public.user_profiles
for each row execute function wingman.tg_user_profiles__journal();

create or replace trigger refuse_truncate before truncate on public.user_profiles
for each statement execute function wingman.tg_any__refuse_truncate();
