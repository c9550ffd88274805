create or replace function wingman.session_state(
    status text,
    scheduled_time timestamptz,
    user1_completed_confirmed_by_user2 boolean,
    user2_completed_confirmed_by_user1 boolean,
    cancelled_by uuid,
    reverted_at timestamptz
)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', status,
    'scheduled_time', scheduled_time,
    'user1_completed_confirmed_by_user2', user1_completed_confirmed_by_user2,
    'user2_completed_confirmed_by_user1', user2_completed_confirmed_by_user1,
    'cancelled_by', cancelled_by,
    'reverted_at', reverted_at
);

comment on function wingman.session_state(text, timestamptz, boolean, boolean, uuid, timestamptz) is
'The state of a session, as the journal records it for a change by hand';
revoke all on function wingman.session_state(text, timestamptz, boolean, boolean, uuid, timestamptz)
from public, anon, authenticated, service_role;
