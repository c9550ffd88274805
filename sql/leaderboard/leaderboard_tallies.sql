-- derived: counted from the ledger
create table wingman.leaderboard_tallies (
    user_id uuid not null,
    week date not null,
    buddy_id uuid not null,
    sessions integer not null,
    sessions_next_month integer not null,
    constraint leaderboard_tallies_pkey primary key (user_id, week, buddy_id)
);

comment on table wingman.leaderboard_tallies is
'How many sessions each user completed with each buddy in each week, as far as the reader leaderboard has read the ledger, less
those that were reverted. A week in which the month ends has two numbers. Only sums: the order of reading does not matter, and a
number is negative while a revert has been read before its completion';
comment on column wingman.leaderboard_tallies.user_id is 'The user';
comment on column wingman.leaderboard_tallies.week is 'The Monday of the ISO week, in UTC';
comment on column wingman.leaderboard_tallies.buddy_id is 'With whom';
comment on column wingman.leaderboard_tallies.sessions is 'Sessions completed in the month of that Monday';
comment on column wingman.leaderboard_tallies.sessions_next_month is 'Sessions completed in the same week, but in the next month';

revoke all on table wingman.leaderboard_tallies from public, anon, authenticated, service_role;
