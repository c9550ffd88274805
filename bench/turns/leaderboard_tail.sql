-- psql -v people=N -v entries=N -v turn=N: as many entries of the ledger, of sessions between people at random, that nobody has read.
insert into wingman.reputation_events (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
select md5('tail ' || :turn || ' ' || b.n)::uuid, p.user_id, p.buddy_id, 'completed', 1, 1, 0
from (
    select
        d.n,
        md5('person ' || d.one)::uuid as one,
        md5('person ' || (d.one + d.step) % :people)::uuid as other
    from (
        select
            n,
            floor(random() * :people)::integer as one,
            1 + floor(random() * (:people - 1))::integer as step
        from generate_series(1, :entries / 2) as n
    ) as d
) as b
cross join lateral (values (b.one, b.other), (b.other, b.one)) as p (user_id, buddy_id);
