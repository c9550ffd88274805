create type public.leaderboard as (
    period text,
    starting date,
    total integer,
    my_rank integer,
    my_count integer,
    my_visibility text,
    people public.leaderboard_person [],
    next_after text
);

comment on type public.leaderboard is 'A page of the leaderboard, and where the caller stands';
comment on column public.leaderboard.period is 'One of leaderboard_period: all_time, month, week. Weeks and months are in UTC';
comment on column public.leaderboard.starting is 'The first day of the week or month; null for all_time (nullable)';
comment on column public.leaderboard.total is
'How many people are on this board; 0 for a city where fewer are than settings.leaderboard_city_minimum';
comment on column public.leaderboard.my_rank is 'The caller''s rank on this board; null for a caller who is not on it (nullable)';
comment on column public.leaderboard.my_count is 'The caller''s count in this period, on the board or not';
comment on column public.leaderboard.my_visibility is
'How the caller is shown: one of leaderboard_visibility: off, nameless, named';
comment on column public.leaderboard.people is
'The page: the greatest count first; of the same count, whoever opted in first comes first';
comment on column public.leaderboard.next_after is
'Pass it as after to get the next page of the same board; null if nobody comes after (nullable)';
