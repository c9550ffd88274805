create or replace function wingman.leaderboard_everywhere()
returns uuid
language sql
immutable
return '00000000-0000-0000-0000-000000000000'::uuid;

comment on function wingman.leaderboard_everywhere() is
'Stands in wingman.leaderboard_histogram for all cities, and for people without any';
revoke all on function wingman.leaderboard_everywhere() from public, anon, authenticated, service_role;
