create or replace function wingman.end_operation()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('wingman.call', '', true);
end
$$;

comment on function wingman.end_operation() is
'What follows in this transaction is not of wingman.begin_operation''s function any more';
revoke all on function wingman.end_operation() from public, anon, authenticated, service_role;
