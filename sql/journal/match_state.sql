create or replace function wingman.match_state(
    status text,
    responded_by uuid,
    expires_at timestamptz,
    ended_at timestamptz
)
returns jsonb
language sql
stable
return jsonb_build_object(
    'status', status, 'responded_by', responded_by, 'expires_at', expires_at, 'ended_at', ended_at
);

comment on function wingman.match_state(text, uuid, timestamptz, timestamptz) is
'The state of a match, as the journal records it for a change by hand';
revoke all on function wingman.match_state(text, uuid, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
