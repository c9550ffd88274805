create or replace function wingman.count_reputation_events(max_events integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _entries wingman.reputation_events[];
begin
    _entries := array(
        select e from wingman.read_reputation_events('reputations', count_reputation_events.max_events) as e
    );
    insert into wingman.reputation_statistics as k (score, people)
    select c.score, c.people
    from wingman.reputation_changes(_entries) as c
    where c.people <> 0
    order by c.score
    on conflict on constraint reputation_statistics_pkey do update set people = k.people + excluded.people;
    return cardinality(_entries);
end
$$;

comment on function wingman.count_reputation_events(integer) is
'Counts what the reader reputations has not read yet, at most max_events, into wingman.reputation_statistics. Returns how many';
revoke all on function wingman.count_reputation_events(integer) from public, anon, authenticated, service_role;
