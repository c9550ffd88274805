create or replace function wingman.begin_operation(function text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if wingman.write_obstacle() is not null then
        perform wingman.raise_error(wingman.write_obstacle());
    end if;
    perform wingman.name_call(begin_operation.function);
end
$$;

comment on function wingman.begin_operation(text) is
'The guard before every operators'' function that writes; operators act for nobody. function: its name, which the journal records
until wingman.end_operation.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.begin_operation(text) from public, anon, authenticated, service_role;
