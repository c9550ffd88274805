create type public.notification_settings as (
    channel text,
    kinds text array,
    language text,
    quiet_from text,
    quiet_until text,
    time_zone text,
    address text,
    is_reachable boolean
);

comment on type public.notification_settings is
'Which notifications the caller gets through one channel outside the app, and when';
comment on column public.notification_settings.channel is 'One of notification_channel: email, web_push';
comment on column public.notification_settings.kinds is
'The kinds of notifications that are sent, each one of notification_kind; null for all, empty for none (nullable)';
comment on column public.notification_settings.language is 'The language of the texts: one of text_language: en, de';
comment on column public.notification_settings.quiet_from is
'When the quiet hours begin, such as 22:00; null for no quiet hours (nullable)';
comment on column public.notification_settings.quiet_until is 'When they end (nullable)';
comment on column public.notification_settings.time_zone is 'The time zone of the quiet hours, and of the times in texts';
comment on column public.notification_settings.address is
'The e-mail address; null for web push, and if there is none (nullable)';
comment on column public.notification_settings.is_reachable is
'Whether there is a confirmed address, or at least one push subscription';
