create or replace function wingman.notification_text_violation(kind text, channel text, language text, title text, body text)
returns wingman.violation
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    _is_confirmation boolean := notification_text_violation.kind = 'email_confirmation';
    _has_inbox_sentence boolean := notification_text_violation.channel = 'email'
    and notification_text_violation.language = 'en'
    and not _is_confirmation;
    _placeholders text[] := '{}'::text[];
    _placeholder text;
    _rest text := notification_text_violation.body;
begin
    if not (_is_confirmation or wingman.is_notification_kind(notification_text_violation.kind)) then
        return row('kind', 'must be a kind of notification, or email_confirmation')::wingman.violation;
    elsif notification_text_violation.channel <> all(wingman.personal_channels()) then
        return row('channel', 'must be ' || wingman.alternatives(wingman.personal_channels()))::wingman.violation;
    elsif _is_confirmation and notification_text_violation.channel <> 'email' then
        return row('channel', 'must be email, since this confirms an address')::wingman.violation;
    elsif not wingman.is_text_language(notification_text_violation.language) then
        return row(
            'language', 'must be ' || wingman.alternatives(array(select l.language from wingman.text_languages() as l))
        )::wingman.violation;
    elsif not wingman.has_visible_character(notification_text_violation.title)
        or char_length(notification_text_violation.title) > 80
    then
        return row('title', 'must be 1 to 80 characters')::wingman.violation;
    elsif wingman.has_control_character(notification_text_violation.title)
        or notification_text_violation.title ~ e'[\\t\\n\\r]'
    then
        -- it becomes a header of the e-mail
        return row('title', 'must be one line without control characters')::wingman.violation;
    elsif notification_text_violation.title ~ '[{}]' then
        return row('title', 'must not contain braces: others may see it on a lock screen')::wingman.violation;
    elsif _rest is null and _has_inbox_sentence then
        return null;
    elsif _rest is null then
        return row('body', 'is required, except in English e-mail, which can use the sentence of the inbox')::wingman.violation;
    elsif not wingman.has_visible_character(_rest) or char_length(_rest) > 500 then
        return row('body', 'must be 1 to 500 characters')::wingman.violation;
    elsif wingman.has_control_character(_rest) then
        return row('body', 'must not contain control characters')::wingman.violation;
    elsif notification_text_violation.channel = 'web_push' and _rest ~ '[{}]' then
        return row('body', 'must not contain braces: others may see it on a lock screen')::wingman.violation;
    end if;

    if not _is_confirmation and not exists (
            select from wingman.event_kinds() as k where k.kind = notification_text_violation.kind and k.told_to = 'user'
        )
    then
        _placeholders := '{"{buddy}"}'::text[];
    end if;
    if starts_with(notification_text_violation.kind, 'session_')
        or starts_with(notification_text_violation.kind, 'no_show_')
        or notification_text_violation.kind in ('agreement_reminder', 'confirmation_reminder')
    then
        _placeholders := _placeholders || '{"{venue}", "{time}"}';
    end if;
    foreach _placeholder in array _placeholders loop
        -- a blank, so that what stands left and right of it does not become another placeholder
        _rest := replace(_rest, _placeholder, ' ');
    end loop;
    if _rest ~ '[{}]' then
        return row(
            'body', 'must not contain braces' || coalesce(' other than ' || nullif(array_to_string(_placeholders, ', '), ''), '')
        )::wingman.violation;
    end if;
    return null;
end
$$;

comment on function wingman.notification_text_violation(text, text, text, text, text) is
'The first rule that a text of wingman.notification_texts breaks, or null. Only the body of an e-mail may name somebody, with
{buddy}; if it concerns a session, it may also say where and when, with {venue} and {time}. The constraint of the table and
wingman_admin.set_notification_text both use this.';
revoke all on function wingman.notification_text_violation(text, text, text, text, text)
from public, anon, authenticated, service_role;
