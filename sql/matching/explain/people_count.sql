create type public.people_count as (
    rule text,
    people integer
);

comment on type public.people_count is 'How many people a rule of matching removed';
comment on column public.people_count.rule is
'One of removal_rule. People who are busy, paused or otherwise out of reach count as unavailable';
comment on column public.people_count.people is 'How many, rounded up to a multiple of three';
