create or replace function wingman.tg_any__set_updated_at()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := statement_timestamp();
    return new;
end
$$;

comment on function wingman.tg_any__set_updated_at() is 'Trigger: stamps updated_at on every update';
revoke all on function wingman.tg_any__set_updated_at() from public, anon, authenticated, service_role;
