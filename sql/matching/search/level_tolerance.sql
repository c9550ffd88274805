create or replace function wingman.level_tolerance(waiting_since timestamptz, moment timestamptz, relaxation interval)
returns integer
language sql
immutable
return case when waiting_since <= moment - relaxation then 2 else 1 end;

comment on function wingman.level_tolerance(timestamptz, timestamptz, interval) is
'How many experience levels apart a buddy may be at a moment, after waiting since another: 1, and after settings.level_relaxation
2, which is any of the three levels. relaxation null: always 1.';
revoke all on function wingman.level_tolerance(timestamptz, timestamptz, interval)
from public, anon, authenticated, service_role;
