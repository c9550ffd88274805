create or replace function wingman.confirmation_obstacle(
    session public.wingman_sessions,
    match public.wingman_matches,
    user_id uuid,
    buddy_user_id uuid
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when user_id not in ((match).user1_id, (match).user2_id) then 'not_session_participant'
        when buddy_user_id = user_id then 'self_confirmation'
        when buddy_user_id not in ((match).user1_id, (match).user2_id) then 'buddy_not_in_session'
        when case user_id
            when (match).user1_id then (session).user2_completed_confirmed_by_user1
            else (session).user1_completed_confirmed_by_user2
        end then 'already_confirmed'
        when not wingman.is_active_session((session).status) then 'session_not_confirmable'
        when (session).scheduled_time > statement_timestamp() then 'session_not_started'
    end;
end
$$;

comment on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid) is
'What keeps a user from confirming that the buddy completed a session, as the name of the error; null when nothing does.
buddy_user_id: whom the user names, or null. Every rule of confirming stands here. Exact while the session is locked.';
revoke all on function wingman.confirmation_obstacle(public.wingman_sessions, public.wingman_matches, uuid, uuid)
from public, anon, authenticated, service_role;
