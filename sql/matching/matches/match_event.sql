create type public.match_event as (
    occurred_at timestamptz,
    event text,
    session_id uuid,
    by_me boolean
);

comment on type public.match_event is 'Something that happened to a match or to one of its sessions';
comment on column public.match_event.occurred_at is 'When';
comment on column public.match_event.event is
'match_offered, match_accepted, match_declined, match_expired, match_ended; of a session: session_scheduled, session_moved,
session_started, session_confirmed, session_completed, session_cancelled, session_no_show, session_reverted';
comment on column public.match_event.session_id is 'The session (nullable)';
comment on column public.match_event.by_me is 'Whether the caller did it, or the buddy; null: neither of them (nullable)';
