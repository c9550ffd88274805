create type wingman.offer as (
    match_id uuid,
    buddy_user_id uuid,
    buddy_profile public.buddy_profile,
    distance_miles integer
);

comment on type wingman.offer is 'A pending match as one of its two people sees it';
comment on column wingman.offer.match_id is 'The match; null if there is none (nullable)';
comment on column wingman.offer.buddy_user_id is 'The other person (nullable)';
comment on column wingman.offer.buddy_profile is 'What that person''s partner can see (nullable)';
comment on column wingman.offer.distance_miles is 'Whole miles, rounded up, at least 1, when the match was made (nullable)';
