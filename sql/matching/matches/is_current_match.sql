create or replace function wingman.is_current_match(
    status text,
    expires_at timestamptz,
    ended_at timestamptz,
    moment timestamptz
)
returns boolean
language sql
immutable
return ended_at is null and wingman.match_status_at(status, expires_at, moment) in ('pending', 'accepted');

comment on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz) is
'Whether a match makes its two people current partners: pending and unexpired, or accepted and not ended';
revoke all on function wingman.is_current_match(text, timestamptz, timestamptz, timestamptz)
from public, anon, authenticated, service_role;
