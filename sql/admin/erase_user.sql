create or replace function wingman_admin.erase_user(user_id uuid, reason text)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
begin
    perform wingman.begin_operation('erase_user');
    perform wingman.require_argument('user_id', erase_user.user_id is not null);
    perform wingman.record_decision('user_erased', erase_user.user_id, null, erase_user.reason);
    if not wingman.erase_person(erase_user.user_id) then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(true, 'The user''s data has been erased.')::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('erase_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.erase_user(uuid, text) is
'Erases a user''s data, as public.erase_my_account does; the account of the sign-in service stays. reason: why, 1 to 500
characters, kept with the operator''s login in wingman_admin.decisions, so it should say nothing personal.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.erase_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.erase_user(uuid, text) to wingman_admin, service_role;
