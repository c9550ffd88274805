create table wingman.channel_settings (
    user_id uuid not null,
    channel text not null constraint channel_settings_channel_check check (
        channel = any(wingman.personal_channels())
    ),
    kinds text[] constraint channel_settings_kinds_check check (wingman.are_notification_kinds(kinds)),
    language text not null default 'en' constraint channel_settings_language_check check (wingman.is_text_language(language)),
    quiet_from time,
    quiet_until time,
    time_zone text not null default 'UTC',
    updated_at timestamptz not null default statement_timestamp(),
    constraint channel_settings_pkey primary key (user_id, channel),
    constraint channel_settings_quiet_check check (
        (quiet_from is null) = (quiet_until is null) and quiet_from <> quiet_until
    )
);

comment on table wingman.channel_settings is
'Which notifications users want outside the app, and when. Without a row: everything, in English, at any hour';
comment on column wingman.channel_settings.user_id is 'The user';
comment on column wingman.channel_settings.channel is 'email or web_push';
comment on column wingman.channel_settings.kinds is 'The kinds of notifications to send; null for all, empty for none';
comment on column wingman.channel_settings.language is 'The language of the texts';
comment on column wingman.channel_settings.quiet_from is 'When the quiet hours begin, in time_zone; null for no quiet hours';
comment on column wingman.channel_settings.quiet_until is 'When they end';
comment on column wingman.channel_settings.time_zone is 'The user''s time zone, also for the times in texts';
comment on column wingman.channel_settings.updated_at is 'When the user last set them';

revoke all on table wingman.channel_settings from public, anon, authenticated, service_role;
