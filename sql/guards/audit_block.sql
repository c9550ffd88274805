create or replace function wingman.audit_block()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, before, after)
    values (
        'block',
        coalesce(new.blocker_id, old.blocker_id),
        case when tg_op <> 'INSERT' then jsonb_build_object('blocked_id', old.blocked_id) end,
        case when tg_op <> 'DELETE' then jsonb_build_object('blocked_id', new.blocked_id) end
    );
    return null;
end
$$;

comment on function wingman.audit_block() is 'Trigger: writes to wingman.audit_log who blocks whom, and who no longer does';
revoke all on function wingman.audit_block() from public, anon, authenticated, service_role;
