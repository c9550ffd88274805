create or replace function public.get_session(session_id uuid, user_id uuid default null)
returns public.session_details
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return wingman.get_session(get_session.session_id, get_session.user_id);
end
$$;

comment on function public.get_session(uuid, uuid) is
'Reads one session of the caller.
session_id: a session of the caller.
user_id: the user on whose behalf the call is made; users may leave it out, service_role and operators must name it.
Result: the session.
Errors: not_authenticated, acting_for_another, missing_argument, user_not_found, profile_incomplete, session_not_found,
not_session_participant.';
revoke all on function public.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;
