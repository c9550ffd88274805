create or replace function wingman.lock_session(session_id uuid)
returns public.wingman_sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
begin
    select s.* into _session
    from public.wingman_sessions as s
    where s.id = lock_session.session_id
    for no key update;

    return _session;
end
$$;

comment on function wingman.lock_session(uuid) is 'Locks a session and returns it as it is once the lock is held';
revoke all on function wingman.lock_session(uuid) from public, anon, authenticated, service_role;
