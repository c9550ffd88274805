create type wingman.delivery as (
    id uuid,
    token uuid,
    attempt integer,
    time_limit interval,
    kind text,
    user_id uuid,
    notification_id uuid,
    match_id uuid,
    session_id uuid,
    created_at timestamptz,
    useful_until timestamptz,
    language text,
    title text,
    body text,
    target_id uuid,
    target jsonb
);

comment on type wingman.delivery is 'A message that a worker has claimed and has to send now';
comment on column wingman.delivery.id is 'The id of the message, the same at each attempt';
comment on column wingman.delivery.token is 'Identifies the claim; the message can be settled only with it';
comment on column wingman.delivery.attempt is '1 for the first attempt';
comment on column wingman.delivery.time_limit is
'How long the attempt may take; another worker can claim the message after twice this time';
comment on column wingman.delivery.kind is 'A kind of wingman.notification_kinds(), or email_confirmation';
comment on column wingman.delivery.user_id is 'The user whose notification it is';
comment on column wingman.delivery.notification_id is 'The notification; null for email_confirmation';
comment on column wingman.delivery.match_id is 'The match that it concerns; null if it concerns only the user';
comment on column wingman.delivery.session_id is 'The session that it concerns, if any';
comment on column wingman.delivery.created_at is 'When the notification was written';
comment on column wingman.delivery.useful_until is 'Until when it is useful; null for always';
comment on column wingman.delivery.language is 'The language of title and body; null for webhook and realtime';
comment on column wingman.delivery.title is 'The subject, or the first line on a lock screen; null for webhook and realtime';
comment on column wingman.delivery.body is 'The text; null for webhook and realtime';
comment on column wingman.delivery.target_id is 'The address, the push subscription or the webhook; null for realtime';
comment on column wingman.delivery.target is
'email: address; web_push: endpoint, p256dh and auth; webhook: url and secrets, the newest first; realtime: topic';
