create type public.leaderboard_person as (
    rank integer,
    first_name text,
    count integer,
    is_me boolean
);

comment on type public.leaderboard_person is 'A row of the leaderboard';
comment on column public.leaderboard_person.rank is
'1 plus how many people have a greater count: people with the same count have the same rank';
comment on column public.leaderboard_person.first_name is
'The current first name; null for people who want to be shown without it, and where one of the two has blocked the other
(nullable)';
comment on column public.leaderboard_person.count is
'With how many buddies the person has completed a session, each counted once a week';
comment on column public.leaderboard_person.is_me is 'Whether this is the caller';
