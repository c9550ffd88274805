create or replace function wingman.leaderboard_periods()
returns text[]
language sql
immutable
return array['all_time', 'month', 'week'];

comment on function wingman.leaderboard_periods() is
'The periods of the leaderboard: always, a month, and an ISO week from Monday to Sunday, in UTC';
revoke all on function wingman.leaderboard_periods() from public, anon, authenticated, service_role;
