create type public.match_details as (
    id uuid,
    status text,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer,
    responded_by_me boolean,
    responded_at timestamptz,
    expires_at timestamptz,
    ended_at timestamptz,
    created_at timestamptz,
    needs_both boolean,
    accepted_by_me boolean,
    accepted_by_buddy boolean
);

comment on type public.match_details is 'A match as one of its two people sees it';
comment on column public.match_details.id is 'The match';
comment on column public.match_details.status is 'One of match_status, as of now';
comment on column public.match_details.buddy_user_id is 'The other person';
comment on column public.match_details.buddy_profile is 'The other person''s profile, while the two are partners (nullable)';
comment on column public.match_details.distance_miles is
'Whole miles between the two when the match was made, rounded up, at least 1';
comment on column public.match_details.responded_by_me is 'Whether it was the caller who accepted or declined';
comment on column public.match_details.responded_at is 'When the match was answered (nullable)';
comment on column public.match_details.expires_at is
'When a pending match expires; until then it can be answered';
comment on column public.match_details.ended_at is 'When an accepted match was ended (nullable)';
comment on column public.match_details.created_at is 'When the match was made';
comment on column public.match_details.needs_both is
'Whether it takes an accept of each of the two; otherwise one accept is enough';
comment on column public.match_details.accepted_by_me is 'Whether the caller has accepted';
comment on column public.match_details.accepted_by_buddy is 'Whether the buddy has accepted';
