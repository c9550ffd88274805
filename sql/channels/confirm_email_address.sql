create or replace function wingman.confirm_email_address(address_id uuid)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _known boolean;
begin
    perform wingman.begin_operation('confirm_email_address');
    perform wingman.require_argument('address_id', confirm_email_address.address_id is not null);
    update wingman.email_addresses as a
    set confirmed_at = coalesce(a.confirmed_at, statement_timestamp())
    where a.id = confirm_email_address.address_id;
    _known := found;
    perform wingman.end_operation();
    return _known;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('confirm_email_address');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman.confirm_email_address(uuid) is
'For servers that answer the links in e-mails: somebody has opened the link sent to this address. Returns false if the user has a
different address now, or no longer exists.
Errors: missing_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman.confirm_email_address(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.confirm_email_address(uuid) to service_role;
