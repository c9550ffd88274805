create or replace function wingman.lock_no_show(session_id uuid)
returns public.wingman_sessions
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _session public.wingman_sessions;
begin
    select s.* into _session from public.wingman_sessions as s where s.id = lock_no_show.session_id;
    if not found then
        perform wingman.raise_error('session_not_found');
    end if;

    -- these never change
    perform wingman.lock_seekers(_session.user1_id, _session.user2_id);
    perform wingman.lock_match(_session.match_id);
    _session := wingman.lock_session(lock_no_show.session_id);
    perform
    from wingman.no_show_reports as r
    where r.session_id = lock_no_show.session_id
    order by r.id
    for no key update;
    return _session;
end
$$;

comment on function wingman.lock_no_show(uuid) is
'Locks all that a no-show concerns, in the lock order: both seekers, match, session and the reports of it. Returns the session
as it is once the locks are held. Errors: session_not_found.';
revoke all on function wingman.lock_no_show(uuid) from public, anon, authenticated, service_role;
