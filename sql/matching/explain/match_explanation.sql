create type public.match_explanation as (
    match_id uuid,
    created_at timestamptz,
    searched_by_me boolean,
    distance_miles integer,
    level_difference integer,
    rules public.match_rule [],
    came_first_because text
);

comment on type public.match_explanation is 'Why two people were matched, as it was when the match was made';
comment on column public.match_explanation.match_id is 'The match';
comment on column public.match_explanation.created_at is 'When it was made';
comment on column public.match_explanation.searched_by_me is
'True if the caller searched and found the buddy, false the other way round (nullable)';
comment on column public.match_explanation.distance_miles is 'Whole miles between the two, rounded up, at least 1';
comment on column public.match_explanation.level_difference is 'How many experience levels the two were apart (nullable)';
comment on column public.match_explanation.rules is 'Every rule with its outcome; empty for a match that no search made';
comment on column public.match_explanation.came_first_because is
'Why this person came first, as a sentence for people (nullable)';
