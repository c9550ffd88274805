-- noqa: disable=LT01,LT02,LT14,RF01,RF03,PRS
create or replace function wingman.pair_obstacle(user_id uuid, other_id uuid, rematch_after interval)
returns table (obstacle text)
language sql
stable
rows 1
begin atomic
select (case
    when
        -- two look-ups by the key: an "or" would read all who blocked the same person
        (
            select true
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id
        )
        or (
            select true
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id
        )
        then 'blocked'
    else (
        -- at most one row, unless somebody has written matches by hand; an aggregate would cost more
        select case when m.status = 'accepted' and m.ended_at is null then 'partners' else 'met_recently' end
        from public.wingman_matches as m
        where m.user1_id = least(pair_obstacle.user_id, pair_obstacle.other_id)
            and m.user2_id = greatest(pair_obstacle.user_id, pair_obstacle.other_id)
            and (
                (m.status = 'accepted' and m.ended_at is null)
                or m.created_at > statement_timestamp() - pair_obstacle.rematch_after
            )
        order by m.created_at
        limit 1
    )
end);
end;

comment on function wingman.pair_obstacle(uuid, uuid, interval) is
'What in the history of two people prevents a match: blocked (either has blocked the other), partners (an accepted match that has
not ended), met_recently (matched within rematch_after, whatever the outcome). Always one row; null if nothing does. A query
inlines it in FROM. Exact while one of their rows of the pool is locked.';
revoke all on function wingman.pair_obstacle(uuid, uuid, interval) from public, anon, authenticated, service_role;
