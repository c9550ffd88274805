create or replace function wingman_admin.set_notification_text(
    kind text,
    channel text,
    language text,
    title text,
    body text,
    reason text
)
returns public.acknowledgement
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '2s'
as $$
declare
    _before jsonb;
    _after jsonb := jsonb_build_object('title', set_notification_text.title, 'body', set_notification_text.body);
begin
    perform wingman.begin_operation('set_notification_text');
    perform wingman.require_argument('kind', set_notification_text.kind is not null);
    perform wingman.require_argument('channel', set_notification_text.channel is not null);
    perform wingman.require_argument('language', set_notification_text.language is not null);
    perform wingman.require_argument('title', set_notification_text.title is not null);
    perform wingman.require_argument('reason', set_notification_text.reason is not null);
    perform wingman.refuse_violation(wingman.decision_violation(set_notification_text.reason));
    perform wingman.refuse_violation(
        wingman.notification_text_violation(
            set_notification_text.kind,
            set_notification_text.channel,
            set_notification_text.language,
            set_notification_text.title,
            set_notification_text.body
        )
    );

    -- the English text, which every kind has: another language may lack it
    perform
    from wingman.notification_texts as t
    where t.kind = set_notification_text.kind and t.channel = set_notification_text.channel and t.language = 'en'
    for no key update;
    select jsonb_build_object('title', t.title, 'body', t.body)
    into _before
    from wingman.notification_texts as t
    where t.kind = set_notification_text.kind
        and t.channel = set_notification_text.channel
        and t.language = set_notification_text.language;

    if _after is distinct from _before then
        perform wingman.record_decision(
            'text_changed',
            null,
            jsonb_build_object(
                'kind', set_notification_text.kind,
                'channel', set_notification_text.channel,
                'language', set_notification_text.language,
                'before', _before,
                'after', _after
            ),
            set_notification_text.reason
        );
        insert into wingman.notification_texts as t (kind, channel, language, title, body)
        values (
            set_notification_text.kind,
            set_notification_text.channel,
            set_notification_text.language,
            set_notification_text.title,
            set_notification_text.body
        )
        on conflict on constraint notification_texts_pkey do update set title = excluded.title, body = excluded.body;
    end if;

    perform wingman.end_operation();
    return row(
        true, case when _after is distinct from _before then 'Text changed.' else 'This is the text already.' end
    )::public.acknowledgement;
exception
    when lock_not_available or deadlock_detected then
        perform wingman.name_call('set_notification_text');
        perform wingman.raise_error('busy');
        return null;
end
$$;

comment on function wingman_admin.set_notification_text(text, text, text, text, text, text) is
'Changes a text of wingman_admin.notification_texts, or adds one that a language lacks. Messages sent from then on use the new
text.
kind: a kind of notification, or email_confirmation. channel: email or web_push. language: en or de. title: the subject, or the
first line of a push message, 1 to 80 characters. body: what it says, 1 to 500 characters; null in English e-mail for the sentence
of the inbox. An e-mail''s body may contain {buddy} if it concerns another person, and {venue} and {time} if it concerns a
session. Titles and push messages have no placeholders, because others may see them. reason: why, 1 to 500 characters, kept with
the operator''s login in wingman_admin.decisions.
Errors: missing_argument, invalid_argument, busy, unsupported_isolation, read_only_transaction.';
revoke all on function wingman_admin.set_notification_text(text, text, text, text, text, text)
from public, anon, authenticated, service_role;
grant execute on function wingman_admin.set_notification_text(text, text, text, text, text, text) to wingman_admin, service_role;
