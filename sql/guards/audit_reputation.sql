create or replace function wingman.audit_reputation()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, entity_id, after)
    select
        'reputation',
        e.user_id,
        jsonb_build_object('session_id', e.session_id, 'kind', e.kind, 'delta', e.delta)
    from new_events as e;
    return null;
end
$$;

comment on function wingman.audit_reputation() is 'Trigger: writes new reputation events to wingman.audit_log';
revoke all on function wingman.audit_reputation() from public, anon, authenticated, service_role;
