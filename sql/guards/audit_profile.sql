create or replace function wingman.audit_profile()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'profile',
        coalesce(new.id, old.id),
        case when tg_op <> 'INSERT' then jsonb_build_object('experience_level', old.experience_level) end,
        case tg_op
            when 'INSERT' then jsonb_build_object('experience_level', new.experience_level)
            when 'UPDATE' then jsonb_build_object('experience_level', new.experience_level, 'changed', to_jsonb(array_remove(
                array[
                    case when new.first_name <> old.first_name then 'first_name' end,
                    case when new.bio is distinct from old.bio then 'bio' end,
                    case when new.photo_url is distinct from old.photo_url then 'photo_url' end,
                    case when new.experience_level <> old.experience_level then 'experience_level' end,
                    case when new.confidence_archetype is distinct from old.confidence_archetype then 'confidence_archetype' end
                ],
                null
            )))
        end
    );
    return null;
end
$$;

comment on function wingman.audit_profile() is
'Trigger: writes to wingman.audit_log that a profile has come, gone or changed, and in which columns; of their texts, nothing';
revoke all on function wingman.audit_profile() from public, anon, authenticated, service_role;
