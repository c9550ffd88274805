create or replace function wingman.reputation_score(completed_sessions integer, no_shows integer)
returns integer
language sql
immutable
return least(greatest(completed_sessions - no_shows, -5), 20);

comment on function wingman.reputation_score(integer, integer) is
'The reputation that follows from two counters: completed_sessions - no_shows, held between -5 and 20';
revoke all on function wingman.reputation_score(integer, integer) from public, anon, authenticated, service_role;
