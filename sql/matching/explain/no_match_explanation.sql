create type public.no_match_explanation as (
    radius_miles integer,
    people_near integer,
    removed public.people_count [],
    suggestions text []
);

comment on type public.no_match_explanation is 'Why a search finds nobody, in numbers too coarse to identify anybody';
comment on column public.no_match_explanation.radius_miles is 'The radius searched, in miles';
comment on column public.no_match_explanation.people_near is
'How many people are within it, rounded up to a multiple of three; only the nearest 1000 are counted';
comment on column public.no_match_explanation.removed is 'How many of them each rule removed';
comment on column public.no_match_explanation.suggestions is 'What would help, as sentences for people; empty if nothing would';
