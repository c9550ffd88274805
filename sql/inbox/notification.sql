create type public.notification as (
    id uuid,
    kind text,
    message text,
    match_id uuid,
    session_id uuid,
    buddy_user_id uuid,
    buddy_first_name text,
    created_at timestamptz,
    useful_until timestamptz,
    read_at timestamptz
);

comment on type public.notification is 'Something that the caller is told';
comment on column public.notification.id is 'The id: newer ones sort later';
comment on column public.notification.kind is
'Of what: one of notification_kind: match_offered, match_first_accepted, match_accepted, match_declined, match_ended,
session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed, session_cancelled,
session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed,
matching_paused, user_suspended, suspension_lifted, match_expiring, session_reminder, agreement_reminder, confirmation_reminder,
more_activity';
comment on column public.notification.message is 'The same, for people';
comment on column public.notification.match_id is
'The match that it is about; null where it is about the caller alone (nullable)';
comment on column public.notification.session_id is 'The session that it is about, if it is about one (nullable)';
comment on column public.notification.buddy_user_id is 'The other one of the two, while they are matched (nullable)';
comment on column public.notification.buddy_first_name is 'Their first name as it is now, while they are matched (nullable)';
comment on column public.notification.created_at is 'When it was told';
comment on column public.notification.useful_until is 'Until when there is a point in reading it; null for always (nullable)';
comment on column public.notification.read_at is 'When the caller marked it as read; null until then (nullable)';
