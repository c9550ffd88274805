create or replace function wingman.count_events(max_events integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    -- sessions before this day are counted by the day: far enough back that none of them still lies ahead for any transaction,
    -- even one whose clock and snapshot are of different moments
    _whole_days timestamptz := date_trunc('day', statement_timestamp(), 'UTC') - interval '24 hours';
    _events wingman.events[];
    _empty timestamptz[];
    _matches wingman.match_progress[];
begin
    _events := array(select e from wingman.read_events('statistics', count_events.max_events) as e);
    if cardinality(_events) = 0 then
        return 0;
    end if;

    with counted as (
        insert into wingman.session_statistics as k (held_at, outcome, sessions)
        select
            case when c.held_at < _whole_days then date_trunc('day', c.held_at, 'UTC') else c.held_at end,
            wingman.session_outcome(c.status, c.is_reverted),
            sum(c.change)
        from wingman.session_changes(_events) as c
        group by 1, 2
        having sum(c.change) <> 0
        on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions
        returning k.held_at, k.sessions
    )

    select array_agg(c.held_at) into _empty from counted as c where c.sessions = 0;

    delete from wingman.session_statistics as k where k.held_at = any(_empty) and k.sessions = 0;

    with over as (
        delete from wingman.session_statistics as k
        where k.held_at < _whole_days and k.held_at <> date_trunc('day', k.held_at, 'UTC')
        returning k.held_at, k.outcome, k.sessions
    )

    insert into wingman.session_statistics as k (held_at, outcome, sessions)
    select date_trunc('day', o.held_at, 'UTC'), o.outcome, sum(o.sessions)
    from over as o
    group by 1, 2
    on conflict on constraint session_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    insert into wingman.outcome_statistics as k (happened_at, outcome, sessions)
    select c.settled_at, c.status, sum(c.change)
    from wingman.session_changes(_events) as c
    where c.settled_at is not null
    group by c.settled_at, c.status
    on conflict on constraint outcome_statistics_pkey do update set sessions = k.sessions + excluded.sessions;

    delete from wingman.outcome_statistics as k
    where k.happened_at < statement_timestamp() - interval '48 hours' or k.sessions = 0;

    _matches := array(select p from wingman.match_progress_after(_events) as p);

    insert into wingman.match_statistics as k (offered_on, offered, accepted, ended, scheduled, completed)
    select c.offered_on, c.offered, c.accepted, c.ended, c.scheduled, c.completed
    from wingman.match_changes(_matches) as c
    on conflict on constraint match_statistics_pkey do update set
        offered = k.offered + excluded.offered,
        accepted = k.accepted + excluded.accepted,
        ended = k.ended + excluded.ended,
        scheduled = k.scheduled + excluded.scheduled,
        completed = k.completed + excluded.completed;

    insert into wingman.match_progress (match_id, offered_on, offered, accepted, ended, sessions, completed)
    select p.match_id, p.offered_on, p.offered, p.accepted, p.ended, p.sessions, p.completed
    from unnest(_matches) as p
    on conflict on constraint match_progress_pkey do update set
        offered_on = excluded.offered_on,
        offered = excluded.offered,
        accepted = excluded.accepted,
        ended = excluded.ended,
        sessions = excluded.sessions,
        completed = excluded.completed;

    delete from wingman.match_progress as p
    using unnest(_matches) as m
    where p.match_id = m.match_id and p.offered = 0 and p.sessions = 0;

    insert into wingman.reputation_statistics as k (score, people)
    select wingman.reputation_score(0, 0), count(*)
    from unnest(_events) as e
    where e.kind = 'profile_created'
    having count(*) > 0
    on conflict on constraint reputation_statistics_pkey do update set people = k.people + excluded.people;

    insert into wingman.user_events (user_id, id, xid, occurred_at)
    select e.user_id, e.id, e.xid, e.occurred_at
    from unnest(_events) as e
    where e.match_id is null and e.user_id is not null;

    return cardinality(_events);
end
$$;

comment on function wingman.count_events(integer) is
'Counts what the reader statistics has not read yet, at most max_events, into the tables behind the operators'' views
and timelines. Returns how
many: fewer than max_events if there are no more for now or another transaction is counting';
revoke all on function wingman.count_events(integer) from public, anon, authenticated, service_role;
