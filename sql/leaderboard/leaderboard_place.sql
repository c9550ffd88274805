create type wingman.leaderboard_place as (
    user_id uuid,
    count integer,
    seniority bigint
);

comment on type wingman.leaderboard_place is
'Somebody on a board. Places are ordered by count and then by seniority, both descending';
comment on column wingman.leaderboard_place.user_id is 'The user; null in a position of a page (nullable)';
comment on column wingman.leaderboard_place.count is 'The count';
comment on column wingman.leaderboard_place.seniority is 'The seniority';
