create or replace function wingman.pair_obstacle(user_id uuid, other_id uuid, rematch_after interval)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _pair record;
begin
    select
        max(m.created_at) as last_met_at,
        bool_or(m.status = 'accepted' and m.ended_at is null) as are_partners,
        -- two look-ups: an "or" needs a bitmap, which the callers forbid
        exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.user_id and b.blocked_id = pair_obstacle.other_id
        )
        or exists (
            select
            from public.user_blocks as b
            where b.blocker_id = pair_obstacle.other_id and b.blocked_id = pair_obstacle.user_id
        ) as are_apart
    into _pair
    from public.wingman_matches as m
    where m.user1_id = least(pair_obstacle.user_id, pair_obstacle.other_id)
        and m.user2_id = greatest(pair_obstacle.user_id, pair_obstacle.other_id);

    return case
        when _pair.are_apart then 'blocked'
        when _pair.are_partners then 'partners'
        when _pair.last_met_at > statement_timestamp() - pair_obstacle.rematch_after then 'met_recently'
    end;
end
$$;

comment on function wingman.pair_obstacle(uuid, uuid, interval) is
'What the history of two people has against matching them: blocked (either has blocked the other), partners (an accepted match
that has not ended), met_recently (matched within rematch_after, whatever became of it); null: nothing. Exact while one of
their seekers is locked.';
revoke all on function wingman.pair_obstacle(uuid, uuid, interval) from public, anon, authenticated, service_role;
