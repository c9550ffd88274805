create or replace function wingman.quiet_until(delivery wingman.notification_deliveries)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _d record := quiet_until.delivery;
    _until timestamptz;
begin
    if _d.kind in ('session_cancelled', 'email_confirmation') then
        return null;
    end if;

    select wingman.quiet_hours_end(statement_timestamp(), c.quiet_from, c.quiet_until, c.time_zone) into _until
    from wingman.channel_settings as c
    where c.user_id = _d.user_id and c.channel = _d.channel and c.quiet_from is not null;
    if _until is not null
        and _d.kind = 'session_reminder'
        and exists (
            select
            from public.wingman_notifications as w
            cross join wingman.settings as t
            where w.id = _d.notification_id and w.useful_until - w.due_at <= t.session_reminder_again
        )
    then
        return null;
    end if;
    return _until;
end
$$;

comment on function wingman.quiet_until(wingman.notification_deliveries) is
'When the user''s quiet hours end, if the message has to wait for that; else null. A cancelled session and the last reminder of a
session do not wait';
revoke all on function wingman.quiet_until(wingman.notification_deliveries) from public, anon, authenticated, service_role;
