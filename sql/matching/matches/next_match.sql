create type public.next_match as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile
);

comment on type public.next_match is 'The next match, found after a decline';
comment on column public.next_match.match_id is 'The new pending match';
comment on column public.next_match.buddy_user_id is 'The other person';
comment on column public.next_match.buddy_profile is 'What the caller can see of that person';
