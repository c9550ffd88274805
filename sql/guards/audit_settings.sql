create or replace function wingman.audit_settings()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.audit_log (entity, before, after)
    values (
        'settings',
        case when tg_op <> 'INSERT' then to_jsonb(old) end,
        case when tg_op <> 'DELETE' then to_jsonb(new) end
    );
    return null;
end
$$;

comment on function wingman.audit_settings() is 'Trigger: writes changed settings to wingman.audit_log';
revoke all on function wingman.audit_settings() from public, anon, authenticated, service_role;
