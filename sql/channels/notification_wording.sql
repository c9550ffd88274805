create type wingman.notification_wording as (
    language text,
    title text,
    body text
);

comment on type wingman.notification_wording is 'The text of a message';
comment on column wingman.notification_wording.language is
'The language of title and body: English where the one asked for lacks this text';
comment on column wingman.notification_wording.title is 'The subject of an e-mail, or the first line of a push message';
comment on column wingman.notification_wording.body is 'What it says';
