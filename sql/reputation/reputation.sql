create type public.reputation as (
    user_id uuid,
    score integer,
    completed_sessions integer,
    no_shows integer,
    badge_color text
);

comment on type public.reputation is 'Answer of get_reputation';
comment on column public.reputation.user_id is 'Whose reputation';
comment on column public.reputation.score is 'completed_sessions - no_shows, held between -5 and 20';
comment on column public.reputation.completed_sessions is 'Sessions that both confirmed';
comment on column public.reputation.no_shows is 'Sessions missed';
comment on column public.reputation.badge_color is 'gold from a score of 10, green from 0, red below';
