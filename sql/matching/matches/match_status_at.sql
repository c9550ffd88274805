create or replace function wingman.match_status_at(status text, expires_at timestamptz, moment timestamptz)
returns text
language sql
immutable
return case when status = 'pending' and expires_at <= moment then 'expired' else status end;

comment on function wingman.match_status_at(text, timestamptz, timestamptz) is
'Effective status of a match at a moment: a pending match counts as expired from expires_at on, settled or not';
revoke all on function wingman.match_status_at(text, timestamptz, timestamptz) from public, anon, authenticated, service_role;
