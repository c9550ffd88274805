create type wingman.notice as (
    user_id uuid,
    other_id uuid,
    kind text,
    event_id bigint,
    match_id uuid,
    session_id uuid,
    due_at timestamptz,
    about timestamptz,
    useful_until timestamptz,
    is_limited boolean
);

comment on type wingman.notice is 'A notification that is yet to be written';
comment on column wingman.notice.user_id is 'Who is told';
comment on column wingman.notice.other_id is 'The other person of the match; null if it is about the user alone';
comment on column wingman.notice.kind is 'What it tells: a kind of wingman.notification_kinds()';
comment on column wingman.notice.event_id is 'The event; null for a reminder';
comment on column wingman.notice.match_id is 'The match; null if it is about the user alone';
comment on column wingman.notice.session_id is 'The session, if it is about one';
comment on column wingman.notice.due_at is 'When a reminder was due; null for an event';
comment on column wingman.notice.about is
'For a reminder, the time of the session or the end of the match; null for an event';
comment on column wingman.notice.useful_until is 'Until when it is useful; null for always';
comment on column wingman.notice.is_limited is
'Whether settings.notifications_per_day counts it: the other person did what it tells';
