-- derived: counted from the ledger
create table wingman.leaderboard_counts (
    user_id uuid not null,
    period text collate "C" not null constraint leaderboard_counts_period_check check (
        period = any(wingman.leaderboard_periods())
    ),
    starting date not null,
    count integer not null constraint leaderboard_counts_count_check check (count >= 0),
    newest_week date not null,
    seniority bigint,
    city uuid,
    constraint leaderboard_counts_pkey primary key (user_id, period, starting)
);

-- the pages of a board
create index leaderboard_counts_shown_idx on wingman.leaderboard_counts (period, starting, count, seniority)
where seniority is not null and count > 0;

-- and of a city's
create index leaderboard_counts_city_idx on wingman.leaderboard_counts (period, starting, city, count, seniority)
where seniority is not null and count > 0 and city is not null;

comment on table wingman.leaderboard_counts is
'What each user has on each board, as far as the reader leaderboard has read the ledger and wingman.leaderboard_reviews. Also for
people who are not shown, so that nothing has to be counted again when they are';
comment on column wingman.leaderboard_counts.user_id is
'The user. First in the key: most comparisons of a look-up are then of one column';
comment on column wingman.leaderboard_counts.period is 'all_time, month or week';
comment on column wingman.leaderboard_counts.starting is 'The first day of the period, wingman.leaderboard_start';
comment on column wingman.leaderboard_counts.count is
'How many pairs of a buddy and an ISO week there are with a completed session in this period';
comment on column wingman.leaderboard_counts.newest_week is
'The newest week in which the user completed a session in this period. Of later weeks there is nothing to look up in
wingman.leaderboard_tallies, and without a row, also one with a count of 0, of no week';
comment on column wingman.leaderboard_counts.seniority is
'That of wingman.leaderboard_members while the user is shown, otherwise null';
comment on column wingman.leaderboard_counts.city is
'That of the user, wingman.leaderboard_city, while the user is shown; null otherwise, and without a city';

revoke all on table wingman.leaderboard_counts from public, anon, authenticated, service_role;
