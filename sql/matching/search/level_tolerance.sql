create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return case when waiting_since <= moment - relaxation then 2 else 1 end;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy can be at a moment, given when the wait began: 1, or 2, which means any of the three
levels, once the wait has lasted for settings.level_relaxation. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;
