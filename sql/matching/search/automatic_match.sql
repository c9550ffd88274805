create type public.automatic_match as (
    success boolean,
    message text,
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer
);

comment on type public.automatic_match is 'The answer of create_automatic_match';
comment on column public.automatic_match.success is
'Whether the caller now has a pending match; false if nobody compatible was found';
comment on column public.automatic_match.message is 'What happened, for a person to read';
comment on column public.automatic_match.match_id is 'The pending match (nullable)';
comment on column public.automatic_match.buddy_user_id is 'The other person (nullable)';
comment on column public.automatic_match.buddy_profile is 'What the caller can see of that person (nullable)';
comment on column public.automatic_match.distance_miles is
'Whole miles between the two when the match was made, rounded up, at least 1 (nullable)';
