create or replace function wingman.leaderboard_visibilities()
returns text[]
language sql
immutable
return array['off', 'nameless', 'named'];

comment on function wingman.leaderboard_visibilities() is
'How a user can be shown on the leaderboard: not at all, as a row without a name, or with the first name';
revoke all on function wingman.leaderboard_visibilities() from public, anon, authenticated, service_role;
