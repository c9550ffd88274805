create or replace function wingman.notification_text(kind text, channel text, language text)
returns wingman.notification_wording
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _wording wingman.notification_wording;
begin
    select t.language, t.title, coalesce(t.body, k.message)
    into _wording
    from wingman.notification_texts as t
    left join wingman.notification_kinds() as k on k.kind = t.kind
    where t.kind = notification_text.kind
        and t.channel = notification_text.channel
        and t.language in (notification_text.language, 'en')
    order by t.language = 'en'
    limit 1;
    return _wording;
end
$$;

comment on function wingman.notification_text(text, text, text) is
'The text for a kind of notification, with placeholders. In English if the language lacks it; an English e-mail without a body
uses the sentence of the inbox. Null if the kind is not sent through this channel';
revoke all on function wingman.notification_text(text, text, text) from public, anon, authenticated, service_role;
