-- derived: counted from the ledger
create table wingman.leaderboard_histogram (
    period text collate "C" not null,
    starting date not null,
    city uuid not null,
    count integer not null,
    people bigint not null,
    constraint leaderboard_histogram_pkey primary key (period, starting, city, count)
) with (fillfactor = 50);

comment on table wingman.leaderboard_histogram is
'How many rows of wingman.leaderboard_counts that are shown have each count, everywhere and in each city. The reader leaderboard
is its only writer';
comment on column wingman.leaderboard_histogram.period is 'all_time, month or week';
comment on column wingman.leaderboard_histogram.starting is 'The first day of the period';
comment on column wingman.leaderboard_histogram.count is 'The count';
comment on column wingman.leaderboard_histogram.city is
'A city, wingman.leaderboard_city, or wingman.leaderboard_everywhere()';
comment on column wingman.leaderboard_histogram.people is 'How many people who are shown have it, there';

revoke all on table wingman.leaderboard_histogram from public, anon, authenticated, service_role;
