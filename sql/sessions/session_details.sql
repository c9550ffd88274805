create type public.session_details as (
    id uuid,
    match_id uuid,
    buddy_user_id uuid,
    venue_name text,
    scheduled_time timestamptz,
    notes text,
    status text,
    i_confirmed_buddy boolean,
    buddy_confirmed_me boolean,
    both_confirmed boolean,
    completed_at timestamptz,
    created_at timestamptz,
    proposed_by_me boolean,
    proposed_at timestamptz,
    agreed_at timestamptz,
    cancelled_at timestamptz,
    no_show_reported boolean
);

comment on type public.session_details is 'A session as one of its two people sees it';
comment on column public.session_details.id is 'The session';
comment on column public.session_details.match_id is 'The match that it belongs to';
comment on column public.session_details.buddy_user_id is 'The other person';
comment on column public.session_details.venue_name is 'Where they meet';
comment on column public.session_details.scheduled_time is 'When they meet';
comment on column public.session_details.notes is 'Anything else worth knowing (nullable)';
comment on column public.session_details.status is 'One of session_status';
comment on column public.session_details.i_confirmed_buddy is 'Whether the caller confirmed the buddy''s completion';
comment on column public.session_details.buddy_confirmed_me is 'Whether the buddy confirmed the caller''s completion';
comment on column public.session_details.both_confirmed is 'Whether both people have confirmed';
comment on column public.session_details.completed_at is 'When the second confirmation came (nullable)';
comment on column public.session_details.created_at is 'When it was scheduled';
comment on column public.session_details.proposed_by_me is
'Whether the caller proposed its present time and venue, to which the buddy may agree';
comment on column public.session_details.proposed_at is 'When they were proposed; agree_to_session takes it';
comment on column public.session_details.agreed_at is 'When the other one of the two agreed to them (nullable)';
comment on column public.session_details.cancelled_at is 'When it was cancelled (nullable)';
comment on column public.session_details.no_show_reported is
'Whether one of the two has reported a no-show: list_no_show_reports tells the rest';
