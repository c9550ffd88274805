create or replace function wingman.audit_seeker()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'seeker',
        new.user_id,
        jsonb_build_object('paused', old.paused, 'paused_automatically', old.paused_automatically),
        jsonb_build_object('paused', new.paused, 'paused_automatically', new.paused_automatically)
    );
    return null;
end
$$;

comment on function wingman.audit_seeker() is 'Trigger: writes to wingman.audit_log who is paused, and who no longer is';
revoke all on function wingman.audit_seeker() from public, anon, authenticated, service_role;
