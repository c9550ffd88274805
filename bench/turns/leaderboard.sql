-- psql -v people=N: puts everybody of the world on the leaderboard, with about two sessions each within 80 days. All are counted, as the
-- reader leaderboard would have counted them in many pages: wingman.leaderboard_differences() finds nothing.
set session_replication_role = replica;
select setseed(0.5);

insert into wingman.leaderboard_members (user_id, visibility)
select md5('person ' || n)::uuid, case n % 3 when 0 then 'nameless' else 'named' end
from generate_series(0, :people - 1) as n;

insert into wingman.reputation_events (created_at, session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
select b.created_at, b.session_id, p.user_id, p.buddy_id, 'completed', 1, 1, 0
from (
    select
        now() - interval '80 days' * random() as created_at,
        md5('session ' || n || ' ' || k)::uuid as session_id,
        md5('person ' || n)::uuid as one,
        md5('person ' || (n + 1 + floor(random() * 50)::integer) % :people)::uuid as other
    from generate_series(0, :people - 1) as n
    -- few people meet often
    cross join lateral generate_series(1, (-1.2 * ln(1 - (hashint4(n) & 65535) / 65536.0))::integer) as k
) as b
cross join lateral (values (b.one, b.other), (b.other, b.one)) as p (user_id, buddy_id);

insert into wingman.leaderboard_tallies (user_id, week, buddy_id, sessions, sessions_next_month)
select c.user_id, c.week, c.buddy_id, sum(c.sessions), sum(c.sessions_next_month)
from wingman.leaderboard_tally_changes(array(select e from wingman.reputation_events as e)) as c
group by 1, 2, 3
order by 1, 2, 3;

insert into wingman.leaderboard_counts (user_id, period, starting, count, newest_week, seniority, city)
select c.user_id, c.period, c.starting, c.count, c.newest_week, o.seniority, wingman.leaderboard_city(l.city)
from (
    select t.user_id, 'all_time' as period, date '1970-01-01' as starting, count(*) as count, max(t.week) as newest_week
    from wingman.leaderboard_tallies as t
    group by 1
    union all
    select t.user_id, 'week', t.week, count(*), t.week
    from wingman.leaderboard_tallies as t
    group by 1, 3
    union all
    select m.user_id, 'month', m.month, count(*), max(m.week)
    from (
        select t.user_id, t.week, date_trunc('month', t.week::timestamp)::date as month
        from wingman.leaderboard_tallies as t
        where t.sessions > 0
        union all
        select t.user_id, t.week, date_trunc('month', (t.week + 6)::timestamp)::date
        from wingman.leaderboard_tallies as t
        where t.sessions_next_month > 0
    ) as m
    group by 1, 3
) as c
inner join wingman.leaderboard_members as o on o.user_id = c.user_id
left join public.user_locations as l on l.user_id = c.user_id
order by c.user_id, c.period, c.starting;

insert into wingman.leaderboard_histogram (period, starting, city, count, people)
select k.period, k.starting, w.city, k.count, count(*)
from wingman.leaderboard_counts as k
cross join unnest(array[wingman.leaderboard_everywhere(), k.city]) as w (city)
where w.city is not null
group by 1, 2, 3, 4;

delete from wingman.readers where name = 'leaderboard';
select wingman.open_reader('leaderboard', 'ledger', from_start => false);
set session_replication_role = origin;
vacuum (analyze, skip_database_stats);
