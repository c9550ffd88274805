create or replace function wingman.quiet_until(delivery wingman.notification_deliveries)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _d record := quiet_until.delivery;
    _hours record;
    _now timestamp;
    _end timestamp;
    _is_before boolean;
    _is_after boolean;
begin
    select c.quiet_from, c.quiet_until, c.time_zone into _hours
    from wingman.channel_settings as c
    where c.user_id = _d.user_id and c.channel = _d.channel and c.quiet_from is not null;
    if not found or _d.kind in ('session_cancelled', 'email_confirmation') then
        return null;
    end if;

    begin
        _now := statement_timestamp() at time zone _hours.time_zone;
    exception
        when invalid_parameter_value then
            -- it was a time zone once: their list changes with the system, and a message of one user must not hold up all others
            _hours.time_zone := 'UTC';
            _now := statement_timestamp() at time zone _hours.time_zone;
    end;
    _is_before := _now::time < _hours.quiet_from;
    _is_after := _now::time >= _hours.quiet_until;
    -- hours over midnight leave one stretch of the day, others two
    if (_is_before and _is_after) or (_hours.quiet_from < _hours.quiet_until and (_is_before or _is_after)) then
        return null;
    elsif _d.kind = 'session_reminder' and exists (
        select
        from public.wingman_notifications as w
        cross join wingman.settings as t
        where w.id = _d.notification_id and w.useful_until - w.due_at <= t.session_reminder_again
    ) then
        return null;
    end if;
    _end := _now::date + _hours.quiet_until;
    if _end <= _now then
        _end := _end + interval '1 day';
    end if;
    return _end at time zone _hours.time_zone;
end
$$;

comment on function wingman.quiet_until(wingman.notification_deliveries) is
'When the user''s quiet hours end, if a message has to wait for that; else null. That a session was cancelled and the last
reminder of one do not wait. In UTC if this server does not know the time zone any more';
revoke all on function wingman.quiet_until(wingman.notification_deliveries) from public, anon, authenticated, service_role;
