create or replace function wingman.confirmation_obstacle(
    user1_id uuid,
    user2_id uuid,
    user1_completed_confirmed_by_user2 boolean,
    user2_completed_confirmed_by_user1 boolean,
    status text,
    scheduled_time timestamptz,
    user_id uuid,
    buddy_user_id uuid
)
returns text
language sql
stable
return case
    when user_id not in (user1_id, user2_id) then 'not_session_participant'
    when buddy_user_id = user_id then 'self_confirmation'
    when buddy_user_id not in (user1_id, user2_id) then 'buddy_not_in_session'
    when case user_id when user1_id then user2_completed_confirmed_by_user1 else user1_completed_confirmed_by_user2 end
        then 'already_confirmed'
    when not wingman.is_active_session(status) then 'session_not_confirmable'
    when scheduled_time > statement_timestamp() then 'session_not_started'
end;

comment on function wingman.confirmation_obstacle(uuid, uuid, boolean, boolean, text, timestamptz, uuid, uuid) is
'What keeps a user from confirming that the buddy completed a session, as the name of the error; null if nothing does.
Takes the session''s columns, so that a query can inline it; user_id: who confirms; buddy_user_id: the buddy whom that user names,
or null. All rules of confirming are here. Exact while the session is locked.';
revoke all on function wingman.confirmation_obstacle(uuid, uuid, boolean, boolean, text, timestamptz, uuid, uuid)
from public, anon, authenticated, service_role;
