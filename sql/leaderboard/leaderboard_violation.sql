create or replace function wingman.leaderboard_violation(
    period text,
    starting date,
    city text,
    around_me boolean,
    after text
)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if leaderboard_violation.period <> all(wingman.leaderboard_periods()) then
        return row('period', 'must be ' || wingman.alternatives(wingman.leaderboard_periods()))::wingman.violation;
    elsif leaderboard_violation.starting is not null and leaderboard_violation.period = 'all_time' then
        return row('starting', 'must be left out for all_time')::wingman.violation;
    elsif leaderboard_violation.starting not between date '1970-01-01' and date '9999-12-31' then
        return row('starting', 'must be between 1970-01-01 and 9999-12-31')::wingman.violation;
    elsif not wingman.has_visible_character(leaderboard_violation.city) then
        return row('city', 'must be the name of a city')::wingman.violation;
    elsif leaderboard_violation.after is not null and leaderboard_violation.around_me then
        return row('after', 'must be left out with around_me')::wingman.violation;
    end if;
    -- the rules for the city of a location
    return wingman.location_violation(0, 0, leaderboard_violation.city, 'precise', 1);
end
$$;

comment on function wingman.leaderboard_violation(text, date, text, boolean, text) is
'The first rule that the arguments of wingman.get_leaderboard break, or null';
revoke all on function wingman.leaderboard_violation(text, date, text, boolean, text)
from public, anon, authenticated, service_role;
