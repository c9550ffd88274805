create or replace function wingman.assert_writable()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- lock, then check, needs a new snapshot for every statement
    if current_setting('transaction_isolation') <> 'read committed' then
        perform wingman.raise_error('unsupported_isolation');
    end if;
    if current_setting('transaction_read_only') = 'on' then
        perform wingman.raise_error('read_only_transaction');
    end if;
end
$$;

comment on function wingman.assert_writable() is
'First statement of every writing entry point. Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.assert_writable() from public, anon, authenticated, service_role;
