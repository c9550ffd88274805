create or replace function wingman.tg_any__refuse_change()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'check_violation',
        constraint = tg_table_name || '_append_only',
        message = tg_table_name || ' is append-only';
end
$$;

comment on function wingman.tg_any__refuse_change() is
'Trigger: rows of an append-only table cannot be changed or deleted, not even by its owner';
revoke all on function wingman.tg_any__refuse_change() from public, anon, authenticated, service_role;
