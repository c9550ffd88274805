create or replace function wingman.tg_settings__journal()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into wingman.events (kind, details)
    select 'settings_changed', jsonb_build_object('before', c.before, 'after', c.after)
    from (
        select
            jsonb_object_agg(o.name, o.value) filter (where o.name is not null) as before,
            jsonb_object_agg(n.name, n.value) filter (where n.name is not null) as after
        from jsonb_each(to_jsonb(old)) as o (name, value)
        full join jsonb_each(to_jsonb(new)) as n (name, value) on n.name = o.name
        where o.value is distinct from n.value
    ) as c
    where c.before is not null or c.after is not null;
    return new;
end
$$;

comment on function wingman.tg_settings__journal() is 'Trigger: writes changed settings to wingman.events';
revoke all on function wingman.tg_settings__journal() from public, anon, authenticated, service_role;

create or replace trigger journal after insert or update or delete on wingman.settings
for each row execute function wingman.tg_settings__journal();

create or replace trigger refuse_truncate before truncate on wingman.settings
for each statement execute function wingman.tg_any__refuse_truncate();
