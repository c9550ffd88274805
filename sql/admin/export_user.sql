create or replace function wingman_admin.export_user(user_id uuid, reason text)
returns public.data_export
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _data jsonb;
begin
    perform wingman.begin_operation('export_user');
    perform wingman.require_argument('user_id', export_user.user_id is not null);
    perform wingman.record_decision('user_exported', export_user.user_id, null, export_user.reason);
    _data := wingman.personal_data(export_user.user_id, with_exact_place => false);
    -- of somebody whose profile is gone, what is kept
    if not exists (select from public.user_profiles as p where p.id = export_user.user_id)
        and not exists (select from wingman.reputation_events as g where g.user_id = export_user.user_id)
    then
        perform wingman.raise_error('user_not_found');
    end if;
    perform wingman.end_operation();
    return row(statement_timestamp(), _data)::public.data_export;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('export_user');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.export_user(uuid, text) is
'Everything that WingmanMatch holds about a user, as public.export_my_data gives it, but without the exact place. Of a user
whose data was erased, what is kept. reason: why, 1 to 500 characters, kept with the operator''s login in
wingman_admin.decisions.
Errors: missing_argument, invalid_argument, user_not_found, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.export_user(uuid, text) from public, anon, authenticated, service_role;
grant execute on function wingman_admin.export_user(uuid, text) to wingman_admin, service_role;
