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

comment on type public.notification is 'A notification in the caller''s inbox';
comment on column public.notification.id is 'The id: newer ones are greater';
comment on column public.notification.kind is
'What it tells: one of notification_kind: match_offered, match_first_accepted, match_accepted, match_declined, match_ended,
session_scheduled, session_moved, session_agreed, session_started, session_confirmed, session_completed, session_cancelled,
session_no_show, session_reverted, no_show_reported, no_show_admitted, no_show_contested, no_show_withdrawn, no_show_dismissed,
matching_paused, user_suspended, suspension_lifted, achievement_earned, match_expiring, session_reminder, agreement_reminder,
confirmation_reminder, more_activity';
comment on column public.notification.message is 'A sentence for the user to read';
comment on column public.notification.match_id is
'The match that it is about; null if it is about the caller alone (nullable)';
comment on column public.notification.session_id is 'The session that it is about, if it is about one (nullable)';
comment on column public.notification.buddy_user_id is 'The buddy, while the two are matched (nullable)';
comment on column public.notification.buddy_first_name is 'The buddy''s current first name, while the two are matched (nullable)';
comment on column public.notification.created_at is 'When it was written';
comment on column public.notification.useful_until is 'Until when it is useful; null for always (nullable)';
comment on column public.notification.read_at is 'When the caller marked it as read; null until then (nullable)';
