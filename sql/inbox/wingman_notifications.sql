-- derived: from the journal
create table public.wingman_notifications (
    id uuid constraint wingman_notifications_pkey primary key,
    user_id uuid not null
    constraint wingman_notifications_user_id_fkey references public.user_profiles (id) on delete cascade,
    kind text not null constraint wingman_notifications_kind_check check (wingman.is_notification_kind(kind)),
    event_id bigint,
    match_id uuid,
    session_id uuid,
    due_at timestamptz,
    useful_until timestamptz,
    created_at timestamptz not null default statement_timestamp(),
    read_at timestamptz,
    is_limited boolean not null default false,
    constraint wingman_notifications_cause_check check ((event_id is null) = (due_at is not null))
);

create index wingman_notifications_user_idx on public.wingman_notifications (user_id, id);
create index wingman_notifications_unread_idx on public.wingman_notifications (user_id, id) where read_at is null;
create unique index wingman_notifications_event_idx on public.wingman_notifications (event_id, user_id)
where event_id is not null;
create unique index wingman_notifications_due_idx
on public.wingman_notifications (user_id, kind, (coalesce(session_id, match_id)), due_at)
where event_id is null;

alter table public.wingman_notifications enable row level security;

comment on table public.wingman_notifications is
'The inboxes: each event and each reminder once for each person. Only the reader inbox adds rows, see wingman.fill_inboxes';
comment on column public.wingman_notifications.id is
'UUID version 7. Greater than all ids committed before, even if the clock has gone back: a client that has seen everything up to
an id has missed nothing';
comment on column public.wingman_notifications.user_id is 'Who is told';
comment on column public.wingman_notifications.kind is 'What it tells: a kind of wingman.notification_kinds()';
comment on column public.wingman_notifications.event_id is
'The event of the journal; null for a reminder';
comment on column public.wingman_notifications.match_id is 'The match that it is about; null if it is about the user alone';
comment on column public.wingman_notifications.session_id is 'The session that it is about, if it is about one';
comment on column public.wingman_notifications.due_at is 'When a reminder was due; null for an event';
comment on column public.wingman_notifications.useful_until is 'Until when it is useful; null for always';
comment on column public.wingman_notifications.created_at is 'When it was written';
comment on column public.wingman_notifications.read_at is 'When the user marked it as read; null until then';
comment on column public.wingman_notifications.is_limited is
'Whether settings.notifications_per_day counts it: the other person did what it tells';

revoke all on table public.wingman_notifications from public, anon, authenticated, service_role;
grant select on table public.wingman_notifications to authenticated, service_role, wingman_admin;
