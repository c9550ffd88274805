create or replace function wingman.quiet_hours_end(
    moment timestamptz,
    quiet_from time,
    quiet_until time,
    time_zone text
)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _time_zone text := wingman.known_time_zone(quiet_hours_end.time_zone);
    _now timestamp := quiet_hours_end.moment at time zone _time_zone;
    _end timestamp;
    _is_before boolean;
    _is_after boolean;
begin
    _is_before := _now::time < quiet_hours_end.quiet_from;
    _is_after := _now::time >= quiet_hours_end.quiet_until;
    -- hours over midnight leave one stretch of the day, others two
    if (_is_before and _is_after)
        or (quiet_hours_end.quiet_from < quiet_hours_end.quiet_until and (_is_before or _is_after))
    then
        return null;
    end if;
    _end := _now::date + quiet_hours_end.quiet_until;
    if _end <= _now then
        _end := _end + interval '1 day';
    end if;
    -- a time that the clock shows twice is the second one; one that it skips is as late as if it did not
    return _end at time zone _time_zone;
end
$$;

comment on function wingman.quiet_hours_end(timestamptz, time, time, text) is
'When the quiet hours around a moment end; null if the moment is not in quiet hours. time_zone: see wingman.known_time_zone';
revoke all on function wingman.quiet_hours_end(timestamptz, time, time, text)
from public, anon, authenticated, service_role;
