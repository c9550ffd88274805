create or replace function wingman.tell(notices wingman.notice[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _limit integer;
    _base timestamptz;
    _day interval := interval '24 hours';
    _present uuid[];
    _written uuid[];
begin
    if cardinality(tell.notices) = 0 then
        return;
    end if;

    select t.notifications_per_day into strict _limit from wingman.settings as t;
    -- Do not wait for the erasure of a user, because everybody else would wait too. After a rollback the next run tells them.
    -- A user who has returned with the same id since this run began counts as absent; the next run drops what is for them.
    _present := array(
        select p.id
        from public.user_profiles as p
        where p.id = any(array(select n.user_id from unnest(tell.notices) as n)) and p.created_at <= statement_timestamp()
        order by p.id
        for key share skip locked
    );
    insert into wingman.postponed_notices (notice)
    select n
    from unnest(tell.notices) as n
    where n.user_id <> all(_present) and exists (select from public.user_profiles as p where p.id = n.user_id);

    select greatest(clock_timestamp(), c.told_until) into strict _base from wingman.inbox_clock as c;
    with numbered as (
        select
            n.*,
            row_number() over (partition by n.user_id, n.other_id order by n.event_id) as place
        from unnest(tell.notices) as n
        where n.is_limited and n.user_id = any(_present)
    ),

    limited as (
        select
            n.*,
            n.place + g.told as place_of_day,
            -- greater than the limit if the setting was lowered meanwhile
            greatest(_limit, g.told) as most,
            g.is_summed_up
        from numbered as n
        cross join lateral (
            select
                count(*) filter (where w.is_limited) as told,
                count(*) filter (where w.kind = 'more_activity') > 0 as is_summed_up
            from public.wingman_notifications as w
            inner join public.wingman_matches as m
                on m.id = w.match_id
                and m.user1_id = least(n.user_id, n.other_id)
                and m.user2_id = greatest(n.user_id, n.other_id)
            where w.user_id = n.user_id
                and w.id >= wingman.first_id_at(statement_timestamp() - _day)
                -- after the clock has gone back, ids are ahead of it
                and w.created_at > statement_timestamp() - _day
        ) as g
    ),

    told as (
        select l.user_id, l.kind, l.event_id, l.match_id, l.session_id, l.due_at, l.useful_until, true as is_limited
        from limited as l
        where l.place_of_day <= _limit
        union all
        select l.user_id, 'more_activity', l.event_id, l.match_id, null, null, null, false
        from limited as l
        where l.place_of_day = l.most + 1 and not l.is_summed_up
        union all
        select n.user_id, n.kind, n.event_id, n.match_id, n.session_id, n.due_at, n.useful_until, false
        from unnest(tell.notices) as n
        where not n.is_limited and n.user_id = any(_present)
    ),

    written as (
        insert into public.wingman_notifications (
            id, user_id, kind, event_id, match_id, session_id, due_at, useful_until, is_limited
        )
        select
            wingman.id_at(_base + row_number() over (order by t.event_id, t.due_at, t.user_id) * interval '1 microsecond'),
            t.user_id,
            t.kind,
            t.event_id,
            t.match_id,
            t.session_id,
            t.due_at,
            t.useful_until,
            t.is_limited
        from told as t
        on conflict do nothing
        returning id
    ),

    moved as (
        update wingman.inbox_clock as c
        set told_until = _base + cardinality(tell.notices) * interval '1 microsecond'
        where exists (select from written as w)
    )

    select array_agg(w.id) into strict _written from written as w;
    perform wingman.plan_deliveries(_written);
end
$$;

comment on function wingman.tell(wingman.notice[]) is
'Writes notifications, and plans to send them outside: each event and each reminder once for each person. The caller has locked
wingman.inbox_clock. One person''s acts are told to another at most settings.notifications_per_day times in 24 hours, and then
once that there was more';
revoke all on function wingman.tell(wingman.notice[]) from public, anon, authenticated, service_role;
