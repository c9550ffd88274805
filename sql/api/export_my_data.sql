create or replace function public.export_my_data(user_id uuid default null)
returns public.data_export
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.export_my_data(export_my_data.user_id);
end
$$;

comment on function public.export_my_data(uuid) is
'Reads everything that WingmanMatch holds about the caller, also what is left of it after an erasure.
It names nobody who reported or blocked the caller, and has no texts of others.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: one export.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found.';
revoke all on function public.export_my_data(uuid) from public, anon, authenticated, service_role;
grant execute on function public.export_my_data(uuid) to authenticated, service_role, wingman_admin;
