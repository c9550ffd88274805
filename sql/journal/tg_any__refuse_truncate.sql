create or replace function wingman.tg_any__refuse_truncate()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using
        errcode = 'check_violation',
        constraint = tg_table_name || '_not_truncated',
        message = tg_table_name || ' cannot be truncated: the journal would not know of it';
end
$$;

comment on function wingman.tg_any__refuse_truncate() is
'Trigger: a table whose changes go to the journal cannot be truncated, because that fires no row trigger';
revoke all on function wingman.tg_any__refuse_truncate() from public, anon, authenticated, service_role;
