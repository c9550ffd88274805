create or replace function wingman.evaluate_achievements(max_rows integer)
returns integer
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _postponed uuid[];
    _entries wingman.reputation_events[];
    _pending text[];
    _first uuid;
    _people uuid[] := '{}'::uuid[];
begin
    if not wingman.has_to_read('achievements')
        and not exists (select from wingman.postponed_evaluations)
        and not exists (select from wingman.achievements as a where a.evaluated_to is not null)
    then
        -- nothing to do costs neither a transaction id nor WAL
        return 0;
    end if;
    -- also where the ledger is read to its end
    perform from wingman.readers as r where r.name = 'achievements' for update skip locked;
    if not found then
        return 0;
    end if;

    with taken as (
        delete from wingman.postponed_evaluations as o where true returning o.user_id
    )

    select coalesce(array_agg(t.user_id), '{}') into strict _postponed from taken as t;
    _entries := array(
        select e from wingman.read_reputation_events('achievements', evaluate_achievements.max_rows) as e
    );

    -- by name, so that one that is added from now on keeps its place at the beginning
    _pending := array(select a.name from wingman.achievements as a where a.evaluated_to is not null);
    select a.evaluated_to into _first
    from wingman.achievements as a
    where a.name = any(_pending)
    order by a.evaluated_to
    limit 1;
    if found then
        _people := array(
            select p.id from public.user_profiles as p where p.id > _first order by p.id limit evaluate_achievements.max_rows
        );
    end if;

    perform wingman.award_achievements(array(
        select e.user_id from unnest(_entries) as e
        union
        select u.id from unnest(_postponed || _people) as u (id)
    ));
    update wingman.achievements as a
    -- null unless the page is full; one that was further ahead goes on with the others
    set evaluated_to = _people[evaluate_achievements.max_rows]
    where a.name = any(_pending);
    return greatest(cardinality(_entries), cardinality(_people));
end
$$;

comment on function wingman.evaluate_achievements(integer) is
'Awards achievements, and takes back what no longer holds: to the people of at most max_rows entries of the ledger that the
reader achievements has not read yet, and of new achievements backwards to at most max_rows people by id. Returns the number of entries or
of these people, whichever is greater: less than max_rows if there are no more for now, or another transaction is doing it';
revoke all on function wingman.evaluate_achievements(integer) from public, anon, authenticated, service_role;
