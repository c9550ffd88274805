create or replace function wingman.leaderboard_start(period text, day date)
returns date
language sql
immutable
return case
    when period = 'week' then date_trunc('week', day::timestamp)::date
    when period = 'month' then date_trunc('month', day::timestamp)::date
    else date '1970-01-01'
end;

comment on function wingman.leaderboard_start(text, date) is
'The first day of the period of the leaderboard that contains a day; for all_time always 1970-01-01';
revoke all on function wingman.leaderboard_start(text, date) from public, anon, authenticated, service_role;
