create or replace function wingman.writer_id(user_id uuid)
returns uuid
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- lock, then check, needs a new snapshot for every statement
    if current_setting('transaction_isolation') <> 'read committed' then
        perform wingman.raise_error('unsupported_isolation');
    elsif current_setting('transaction_read_only') = 'on' then
        perform wingman.raise_error('read_only_transaction');
    end if;
    return wingman.caller_id(writer_id.user_id);
end
$$;

comment on function wingman.writer_id(uuid) is
'Whom a writing call acts for: first of all in every writing entry point. Errors: unsupported_isolation, read_only_transaction,
those of wingman.caller_id.';
revoke all on function wingman.writer_id(uuid) from public, anon, authenticated, service_role;
