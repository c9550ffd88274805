create type wingman.leaderboard_standing as (
    period text,
    starting date,
    user_id uuid,
    count_before integer,
    seniority_before bigint,
    city_before uuid,
    count integer,
    newest_week date,
    seniority bigint,
    city uuid
);

comment on type wingman.leaderboard_standing is
'Where a user stands on a board: as wingman.leaderboard_counts has it, and as it is with what is unread';
comment on column wingman.leaderboard_standing.period is 'all_time, month or week';
comment on column wingman.leaderboard_standing.starting is 'The first day of the period';
comment on column wingman.leaderboard_standing.user_id is 'The user';
comment on column wingman.leaderboard_standing.count_before is 'The stored count; 0 without a row';
comment on column wingman.leaderboard_standing.seniority_before is
'The stored seniority; null if the user is not shown (nullable)';
comment on column wingman.leaderboard_standing.city_before is 'The stored city (nullable)';
comment on column wingman.leaderboard_standing.count is 'The count as it is';
comment on column wingman.leaderboard_standing.newest_week is
'The newest week in which the user completed a session in this period';
comment on column wingman.leaderboard_standing.seniority is
'The seniority as it is; null if the user may not be shown (nullable)';
comment on column wingman.leaderboard_standing.city is
'The city as it is; null if the user may not be shown, or has none (nullable)';
