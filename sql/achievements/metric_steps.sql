create or replace function wingman.metric_steps(user_ids uuid[])
returns table (user_id uuid, metric text, value integer, reached_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
-- look up the entries of each person, never scan the whole ledger
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
begin
    return query
    with completions as materialized (
        select
            e.user_id,
            e.buddy_id,
            e.session_id,
            e.created_at,
            e.id,
            -- weeks since Monday, 5 January 1970, so that a new year does not interrupt a run
            ((e.created_at at time zone 'UTC')::date - date '1970-01-05') / 7 as week
        from unnest(metric_steps.user_ids) as u (id)
        inner join wingman.reputation_events as e on e.user_id = u.id and e.kind = 'completed'
        where not exists (
            select
            from wingman.reputation_events as r
            where r.user_id = e.user_id and r.session_id = e.session_id and r.kind = 'completion_reverted'
        )
    ),

    buddies as (
        select c.user_id, c.buddy_id, min(c.created_at) as met_at
        from completions as c
        where c.buddy_id is not null
        group by c.user_id, c.buddy_id
    ),

    weeks as (
        select c.user_id, c.week, min(c.created_at) as begun_at
        from completions as c
        group by c.user_id, c.week
    ),

    -- in consecutive weeks the difference between the number of the week and its place stays the same
    runs as (
        select w.user_id, w.week, w.begun_at, w.week - row_number() over (partition by w.user_id order by w.week) as run
        from weeks as w
    ),

    run_weeks as (
        select r.user_id, r.begun_at, row_number() over (partition by r.user_id, r.run order by r.week) as place
        from runs as r
    )

    select
        c.user_id,
        'completed_sessions',
        (row_number() over (partition by c.user_id order by c.created_at, c.id))::integer,
        c.created_at
    from completions as c
    union all
    select
        b.user_id,
        'different_buddies',
        (row_number() over (partition by b.user_id order by b.met_at))::integer,
        b.met_at
    from buddies as b
    union all
    select r.user_id, 'weeks_in_a_row', r.place::integer, min(r.begun_at)
    from run_weeks as r
    group by r.user_id, r.place
    union all
    select
        c.user_id,
        'sessions_with_beginners',
        (row_number() over (partition by c.user_id order by c.created_at, c.id))::integer,
        c.created_at
    from completions as c
    inner join public.wingman_sessions as s on s.id = c.session_id
    inner join public.wingman_matches as m on m.id = s.match_id
    inner join lateral (
        values (m.user1_id, m.user1_level, m.user2_level), (m.user2_id, m.user2_level, m.user1_level)
    ) as l (id, own, others) on l.id = c.user_id
    where l.others = wingman.experience_rank('beginner') and l.own > l.others;
end
$$;

comment on function wingman.metric_steps(uuid[]) is
'The metrics of these people, each of whom is given once, from the ledger as it is: when each of wingman.achievement_metrics() has
reached 1, 2, 3 and so on. The greatest value is the metric''s current one; a metric of 0 has no row. A session without a row of
its own, or of its match, counts for everything but sessions_with_beginners: only the match says what the levels were.';
revoke all on function wingman.metric_steps(uuid[]) from public, anon, authenticated, service_role;
