-- derived: from visibilities and suspensions
create table wingman.leaderboard_reviews (
    id bigint constraint leaderboard_reviews_pkey primary key generated always as identity,
    user_id uuid not null,
    due_at timestamptz not null default '-infinity'
);

create index leaderboard_reviews_due_idx on wingman.leaderboard_reviews (due_at);

comment on table wingman.leaderboard_reviews is
'Whose place among those who are shown the reader leaderboard has to look at again: because the visibility, a suspension or the
city has changed, or because a suspension ends. Calls and triggers only insert, the reader only inserts and deletes, so nobody waits';
comment on column wingman.leaderboard_reviews.id is 'The order of writing';
comment on column wingman.leaderboard_reviews.user_id is 'The user';
comment on column wingman.leaderboard_reviews.due_at is
'From when on; -infinity for now. Not the clock of the writer, which may be ahead of a reader that sees the row';

revoke all on table wingman.leaderboard_reviews from public, anon, authenticated, service_role;
