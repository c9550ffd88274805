create or replace function wingman.audit_match()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _before jsonb := case when tg_op <> 'INSERT' then wingman.match_state(old) end;
    _after jsonb := case when tg_op <> 'DELETE' then wingman.match_state(new) end;
begin
    if _before = _after then
        return null;
    elsif tg_op = 'INSERT' then
        -- these never change
        _after := _after || jsonb_build_object(
            'user1_id', new.user1_id, 'user2_id', new.user2_id, 'searched_by', new.searched_by
        );
    end if;
    insert into wingman.audit_log (entity, entity_id, match_id, before, after)
    values (
        'match',
        coalesce(new.id, old.id),
        coalesce(new.id, old.id),
        _before,
        _after
    );
    return null;
end
$$;

comment on function wingman.audit_match() is 'Trigger: writes what became of a match to wingman.audit_log';
revoke all on function wingman.audit_match() from public, anon, authenticated, service_role;
