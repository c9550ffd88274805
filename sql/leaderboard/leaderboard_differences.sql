create or replace function wingman.leaderboard_differences(users uuid[] default null)
returns table (period text, starting date, user_id uuid, kept bigint, counted bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    return query
    with counted as (
        select b.period, wingman.leaderboard_start(b.period, c.day) as starting, c.user_id,
            count(distinct (c.buddy_id, wingman.leaderboard_start('week', c.day))) as count
        from (
            select g.user_id, g.buddy_id, (g.created_at at time zone 'UTC')::date as day
            from wingman.reputation_events as g
            where g.kind = 'completed'
                and g.buddy_id is not null
                and (leaderboard_differences.users is null or g.user_id = any(leaderboard_differences.users))
                and not exists (
                    select
                    from wingman.reputation_events as r
                    where r.user_id = g.user_id and r.session_id = g.session_id and r.kind = 'completion_reverted'
                )
        ) as c
        cross join unnest(wingman.leaderboard_periods()) as b (period)
        group by 1, 2, 3
    ),

    unread as materialized (
        select s.period, s.starting, s.user_id, s.count
        from wingman.leaderboard_standings(
            array(select e from wingman.unread_reputation_events('leaderboard') as e), '{}'::uuid[]
        ) as s
        where leaderboard_differences.users is null or s.user_id = any(leaderboard_differences.users)
    ),

    kept as (
        select u.period, u.starting, u.user_id, u.count
        from unread as u
        where u.count > 0
        union all
        select k.period, k.starting, k.user_id, k.count
        from wingman.leaderboard_counts as k
        where k.count > 0
            and (leaderboard_differences.users is null or k.user_id = any(leaderboard_differences.users))
            and not exists (
                select
                from unread as u
                where u.period = k.period collate "C" and u.starting = k.starting and u.user_id = k.user_id
            )
    )

    select
        coalesce(k.period, c.period), coalesce(k.starting, c.starting), coalesce(k.user_id, c.user_id),
        coalesce(k.count, 0)::bigint, coalesce(c.count, 0)
    from kept as k
    full join counted as c on c.period = k.period and c.starting = k.starting and c.user_id = k.user_id
    where coalesce(k.count, 0) <> coalesce(c.count, 0)
    union all
    -- how many have each count, everywhere and in each city
    select coalesce(h.period, s.period), coalesce(h.starting, s.starting), null, coalesce(h.people, 0), coalesce(s.people, 0)
    from wingman.leaderboard_histogram as h
    full join (
        select k.period, k.starting, w.city, k.count, count(*) as people
        from wingman.leaderboard_counts as k
        cross join unnest(array[wingman.leaderboard_everywhere(), k.city]) as w (city)
        where k.seniority is not null and k.count > 0 and w.city is not null
        group by k.period, k.starting, w.city, k.count
    ) as s on s.period = h.period and s.starting = h.starting and s.city = h.city and s.count = h.count
    where leaderboard_differences.users is null and coalesce(h.people, 0) <> coalesce(s.people, 0);
end
$$;

comment on function wingman.leaderboard_differences(uuid[]) is
'Where the counts of the leaderboard, with what its reader has not read, are not those of the ledger: nowhere, unless somebody
changed the tables by hand. A row without a user is about the number of people with a count. users: look at these only, otherwise
at the whole ledger. docs/leaderboard.md says how to count anew.';
revoke all on function wingman.leaderboard_differences(uuid[]) from public, anon, authenticated, service_role;
grant execute on function wingman.leaderboard_differences(uuid[]) to service_role, wingman_admin;
