create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return 1 + greatest(0, floor(extract(epoch from moment - waiting_since) / extract(epoch from relaxation)))::integer;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy may be at a moment, after waiting since another: 1, and one more for each
settings.level_relaxation of it. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;
