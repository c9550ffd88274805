create or replace function wingman.audit_session()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb := case when tg_op <> 'INSERT' then wingman.session_state(old) end;
    _after jsonb := case when tg_op <> 'DELETE' then wingman.session_state(new) end;
begin
    if _before = _after then
        return null;
    end if;
    insert into wingman.audit_log (entity, entity_id, match_id, before, after)
    values (
        'session',
        coalesce(new.id, old.id),
        coalesce(new.match_id, old.match_id),
        _before,
        _after
    );
    return null;
end
$$;

comment on function wingman.audit_session() is 'Trigger: writes what became of a session to wingman.audit_log';
revoke all on function wingman.audit_session() from public, anon, authenticated, service_role;
