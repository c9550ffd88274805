create type public.buddy_profile as (
    id uuid,
    first_name text,
    experience_level text,
    confidence_archetype text,
    reputation_score integer
);

comment on type public.buddy_profile is 'What a call reveals about a buddy';
comment on column public.buddy_profile.id is 'The buddy''s user id';
comment on column public.buddy_profile.first_name is 'First name';
comment on column public.buddy_profile.experience_level is 'One of experience_level';
comment on column public.buddy_profile.confidence_archetype is
'Style of courage, a free text such as Analyzer or Sprinter (nullable)';
comment on column public.buddy_profile.reputation_score is 'Reputation now, -5 to 20';
