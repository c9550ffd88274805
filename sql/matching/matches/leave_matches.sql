create or replace function wingman.leave_matches(user_id uuid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _match record;
begin
    perform wingman.leave_pending_match(leave_matches.user_id);
    for _match in
        select m.id
        from public.wingman_matches as m
        where (m.user1_id = leave_matches.user_id or m.user2_id = leave_matches.user_id)
            and m.status = 'accepted'
            and m.ended_at is null
        order by m.id
        for no key update
    loop
        update public.wingman_matches as m
        set ended_at = statement_timestamp(), ended_by = leave_matches.user_id
        where m.id = _match.id;
        perform wingman.cancel_active_session(s.match_id, leave_matches.user_id)
        from public.wingman_sessions as s
        where s.match_id = _match.id and s.is_active and s.scheduled_time > statement_timestamp();
    end loop;
end
$$;

comment on function wingman.leave_matches(uuid) is
'Declines the pending match of a person (or lets it expire, if it has lapsed) and ends the accepted ones, on that person''s
behalf, with the sessions still to come; a session whose time has come stays as it is.';
revoke all on function wingman.leave_matches(uuid) from public, anon, authenticated, service_role;
