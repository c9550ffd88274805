create or replace function wingman.leaderboard_city(city text)
returns uuid
language sql
immutable
return wingman.hashed_id(wingman.normalized_city(city));

comment on function wingman.leaderboard_city(text) is
'The board of a city, by a hash of its name as wingman.normalized_city writes it; null for null';
revoke all on function wingman.leaderboard_city(text) from public, anon, authenticated, service_role;
