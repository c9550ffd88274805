create type public.reputation as (
    user_id uuid,
    score integer,
    completed_sessions integer,
    no_shows integer,
    badge_color text
);

comment on type public.reputation is 'How reliable a person is';
comment on column public.reputation.user_id is 'Whose reputation';
comment on column public.reputation.score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.reputation.completed_sessions is 'Sessions that both people confirmed';
comment on column public.reputation.no_shows is 'Sessions missed';
comment on column public.reputation.badge_color is
'One of badge_color: gold, green, red. Gold from a score of 10 on, green from 0 on, red below';
