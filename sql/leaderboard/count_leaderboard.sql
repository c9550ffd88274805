create or replace function wingman.count_leaderboard(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
declare
    _entries wingman.reputation_events[];
    _reviews bigint[];
    _reviewed uuid[];
    _empty wingman.leaderboard_histogram[];
begin
    if not wingman.has_to_read('leaderboard')
        and not exists (select from wingman.leaderboard_reviews as r where r.due_at <= statement_timestamp())
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    -- also where there are only reviews
    perform from wingman.readers as r where r.name = 'leaderboard' for update skip locked;
    if not found then
        return 0;
    end if;

    _entries := array(select e from wingman.read_reputation_events('leaderboard', count_leaderboard.max_rows) as e);
    with taken as (
        delete from wingman.leaderboard_reviews as r
        where r.id = any(array(
            select o.id
            from wingman.leaderboard_reviews as o
            where o.due_at <= statement_timestamp()
            order by o.due_at
            limit count_leaderboard.max_rows
        ))
        returning r.id, r.user_id
    )

    select coalesce(array_agg(t.id), '{}'), coalesce(array_agg(distinct t.user_id), '{}')
    into strict _reviews, _reviewed
    from taken as t;
    _reviewed := _reviewed || array(select e.user_id from unnest(_entries) as e where e.kind = 'departed');

    -- in later statements than the one that took these: what they are about is there
    with moved as materialized (
        select s.* from wingman.leaderboard_standings(_entries, _reviewed) as s
    ),

    counted as (
        insert into wingman.leaderboard_histogram as h (period, starting, city, count, people)
        select c.period, c.starting, w.city, c.count, sum(c.people)
        from (
            select m.period, m.starting, m.city_before as city, m.count_before as count, -1 as people
            from moved as m
            where m.seniority_before is not null and m.count_before > 0
            union all
            select m.period, m.starting, m.city, m.count, 1
            from moved as m
            where m.seniority is not null and m.count > 0
        ) as c
        cross join unnest(array[wingman.leaderboard_everywhere(), c.city]) as w (city)
        where w.city is not null
        group by c.period, c.starting, w.city, c.count
        having sum(c.people) <> 0
        on conflict on constraint leaderboard_histogram_pkey do update set people = h.people + excluded.people
        returning h
    ),

    kept as (
        insert into wingman.leaderboard_counts as k (user_id, period, starting, count, newest_week, seniority, city)
        select m.user_id, m.period, m.starting, m.count, m.newest_week, m.seniority, m.city
        from moved as m
        on conflict on constraint leaderboard_counts_pkey do update
        set
            count = excluded.count,
            newest_week = excluded.newest_week,
            seniority = excluded.seniority,
            city = excluded.city
        where (k.count, k.newest_week, k.seniority, k.city)
            is distinct from (excluded.count, excluded.newest_week, excluded.seniority, excluded.city)
    )

    select array_agg(c.h) into _empty from counted as c where (c.h).people = 0;
    delete from wingman.leaderboard_histogram as h
    using unnest(_empty) as e
    where h.period = e.period and h.starting = e.starting and h.city = e.city and h.count = e.count;

    insert into wingman.leaderboard_tallies as t (user_id, week, buddy_id, sessions, sessions_next_month)
    select c.user_id, c.week, c.buddy_id, c.sessions, c.sessions_next_month
    from wingman.leaderboard_tally_changes(_entries) as c
    on conflict on constraint leaderboard_tallies_pkey do update set
        sessions = t.sessions + excluded.sessions,
        sessions_next_month = t.sessions_next_month + excluded.sessions_next_month;

    -- a revert may have left nothing
    delete from wingman.leaderboard_tallies as t
    using wingman.leaderboard_tally_changes(array(
        select e
        from unnest(_entries) as e
        where e.kind = 'completion_reverted'
    )) as c
    where t.user_id = c.user_id
        and t.week = c.week
        and t.buddy_id = c.buddy_id
        and t.sessions = 0
        and t.sessions_next_month = 0;

    -- a suspension that ends by itself writes nothing then
    insert into wingman.leaderboard_reviews (user_id, due_at)
    select r.user_id, b.ends_at
    from unnest(_reviewed) as r (user_id)
    inner join wingman.suspensions as b on b.user_id = r.user_id
    where b.ends_at > statement_timestamp();
    return greatest(cardinality(_entries), cardinality(_reviews));
end
$$;

comment on function wingman.count_leaderboard(integer) is
'Counts for the leaderboard what the reader leaderboard has not read yet, and looks again at those who may have begun or ceased to
be shown or who have moved, at most max_rows of each. Returns the number of entries or of reviews, whichever is greater: less than max_rows if there
are no more for now, or another transaction is counting. Waits for nobody, and nobody waits for it';
revoke all on function wingman.count_leaderboard(integer) from public, anon, authenticated, service_role;
