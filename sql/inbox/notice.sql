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

comment on type wingman.notice is 'Something to be told to somebody';
comment on column wingman.notice.user_id is 'To whom';
comment on column wingman.notice.other_id is 'The other one of the match; null where it is about the user alone';
comment on column wingman.notice.kind is 'Of what: a word of wingman.notification_kinds()';
comment on column wingman.notice.event_id is 'The event, or null';
comment on column wingman.notice.match_id is 'The match, or null';
comment on column wingman.notice.session_id is 'The session, or null';
comment on column wingman.notice.due_at is 'For a reminder, when it was due; otherwise null';
comment on column wingman.notice.about is
'For a reminder, the time of the session or the end of the match; otherwise null';
comment on column wingman.notice.useful_until is 'Until when there is a point in telling it; null for always';
comment on column wingman.notice.is_limited is 'Whether the other one did it, so that settings.notifications_per_day counts it';
