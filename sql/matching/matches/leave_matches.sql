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
        perform wingman.end_accepted_match(_match.id, leave_matches.user_id, keep_begun => true);
    end loop;
end
$$;

comment on function wingman.leave_matches(uuid) is
'Declines the pending match of a person (or lets it expire, if it has lapsed) and ends the accepted ones, on that person''s
behalf, with the sessions still to come; a session whose time has come stays as it is.';
revoke all on function wingman.leave_matches(uuid) from public, anon, authenticated, service_role;
