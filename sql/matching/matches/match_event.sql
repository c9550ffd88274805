create type public.match_event as (
    occurred_at timestamptz,
    event text,
    session_id uuid,
    by_me boolean
);

comment on type public.match_event is 'Something that happened to a match or to one of its sessions';
comment on column public.match_event.occurred_at is 'When it happened';
comment on column public.match_event.event is
'One of match_event_kind';
comment on column public.match_event.session_id is 'The session, if it happened to one (nullable)';
comment on column public.match_event.by_me is 'True if the caller did it, false if the buddy did, null if neither did (nullable)';
