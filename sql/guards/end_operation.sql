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
'Ends what wingman.begin_operation began: later changes in this transaction are not attributed to its function';
revoke all on function wingman.end_operation() from public, anon, authenticated, service_role;
