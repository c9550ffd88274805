create or replace view wingman_admin.notification_texts as
select
    t.kind,
    t.channel,
    t.language,
    t.title,
    coalesce(t.body, k.message) as body,
    t.body is null as body_of_inbox
from wingman.notification_texts as t
left join wingman.notification_kinds() as k on t.kind = k.kind
order by t.kind, t.channel, t.language;

comment on view wingman_admin.notification_texts is
'The texts of messages sent outside the app; change them with wingman_admin.set_notification_text';
comment on column wingman_admin.notification_texts.kind is 'The kind of notification, or email_confirmation';
comment on column wingman_admin.notification_texts.channel is 'email or web_push';
comment on column wingman_admin.notification_texts.language is 'The language: en or de';
comment on column wingman_admin.notification_texts.title is 'The subject, or the first line of a push message';
comment on column wingman_admin.notification_texts.body is
'What it says; {buddy}, {venue} and {time} are filled in when it is sent';
comment on column wingman_admin.notification_texts.body_of_inbox is
'Whether it has no body of its own and uses the sentence of the inbox';

revoke all on table wingman_admin.notification_texts from public, anon, authenticated, service_role;
grant select on table wingman_admin.notification_texts to wingman_admin, service_role;
