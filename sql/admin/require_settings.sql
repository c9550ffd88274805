create or replace function wingman.require_settings(changes jsonb)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _name text;
begin
    if jsonb_typeof(require_settings.changes) <> 'object' or require_settings.changes = '{}' then
        perform wingman.refuse_violation(
            row('changes', 'must be an object with the settings to change')::wingman.violation
        );
    end if;
    for _name in
        select k.name
        from jsonb_object_keys(require_settings.changes) as k (name)
        order by k.name
    loop
        if not exists (select from wingman_admin.settings as s where s.name = _name) then
            perform wingman.refuse_violation(row('changes', 'has no setting ' || _name)::wingman.violation);
        end if;
        begin
            perform jsonb_populate_record(
                null::wingman.settings, jsonb_build_object(_name, require_settings.changes -> _name)
            );
        exception
            when data_exception then
                perform wingman.refuse_violation(
                    row(_name, 'must be a number, a word, true or false, a duration or a list, as it is now')::wingman.violation
                );
        end;
    end loop;
end
$$;

comment on function wingman.require_settings(jsonb) is
'Refuses settings that do not exist, and values that are of another type. Errors: invalid_argument.';
revoke all on function wingman.require_settings(jsonb) from public, anon, authenticated, service_role;
