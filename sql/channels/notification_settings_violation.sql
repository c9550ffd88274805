create or replace function wingman.notification_settings_violation(
    channel text,
    kinds text[],
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text
)
returns wingman.violation
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _time text := '^([01][0-9]|2[0-3]):[0-5][0-9]$';
begin
    if notification_settings_violation.channel <> all(wingman.personal_channels()) then
        return row('channel', 'must be ' || wingman.alternatives(wingman.personal_channels()))::wingman.violation;
    elsif not wingman.are_notification_kinds(notification_settings_violation.kinds) then
        return row('kinds', 'must be a list of kinds of notifications')::wingman.violation;
    elsif not wingman.is_text_language(notification_settings_violation.language) then
        return row(
            'language', 'must be ' || wingman.alternatives(array(select l.language from wingman.text_languages() as l))
        )::wingman.violation;
    elsif notification_settings_violation.quiet_from !~ _time then
        return row('quiet_from', 'must be a time of day such as 22:00')::wingman.violation;
    elsif notification_settings_violation.quiet_until !~ _time then
        return row('quiet_until', 'must be a time of day such as 07:00')::wingman.violation;
    elsif notification_settings_violation.quiet_from is null and notification_settings_violation.quiet_until is not null then
        return row('quiet_from', 'must be given with quiet_until')::wingman.violation;
    elsif notification_settings_violation.quiet_until is null and notification_settings_violation.quiet_from is not null then
        return row('quiet_until', 'must be given with quiet_from')::wingman.violation;
    elsif notification_settings_violation.quiet_from = notification_settings_violation.quiet_until then
        return row('quiet_until', 'must differ from quiet_from')::wingman.violation;
    elsif not wingman.is_time_zone(notification_settings_violation.time_zone) then
        return row('time_zone', 'must be the name of a time zone such as Europe/Berlin')::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.notification_settings_violation(text, text[], text, text, text, text) is
'The first rule that a user''s settings of a channel break, or null';
revoke all on function wingman.notification_settings_violation(text, text[], text, text, text, text)
from public, anon, authenticated, service_role;
