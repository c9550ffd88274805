create or replace function wingman.export_my_data(user_id uuid)
returns public.data_export
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.acting_user_id(export_my_data.user_id);
begin
    -- what is kept of somebody whose profile is gone is theirs as well
    perform wingman.require_profile(_me, or_null => true);
    return row(statement_timestamp(), wingman.personal_data(_me, with_exact_place => true))::public.data_export;
end
$$;

comment on function wingman.export_my_data(uuid) is 'Engine of public.export_my_data';
revoke all on function wingman.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.export_my_data(uuid) to authenticated, service_role, wingman_admin;
