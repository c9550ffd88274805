create type public.people_count as (
    rule text,
    people integer
);

comment on type public.people_count is 'How many people a rule of matching removed';
comment on column public.people_count.rule is
'One of removal_rule. Unavailable is whoever is busy, paused or otherwise not to be had';
comment on column public.people_count.people is 'How many, rounded up to a multiple of three';
