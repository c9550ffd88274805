create or replace function wingman.get_session(session_id uuid, user_id uuid)
returns public.session_details
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    _me uuid := wingman.require_profile(wingman.acting_user_id(get_session.user_id));
    _session public.wingman_sessions;
begin
    perform wingman.require_argument('session_id', get_session.session_id is not null);
    perform wingman.session_buddy(get_session.session_id, _me);
    select s.* into strict _session from public.wingman_sessions as s where s.id = get_session.session_id;
    return wingman.session_details_of(_session, _me);
end
$$;

comment on function wingman.get_session(uuid, uuid) is 'Engine of public.get_session';
revoke all on function wingman.get_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function wingman.get_session(uuid, uuid) to authenticated, service_role, wingman_admin;
