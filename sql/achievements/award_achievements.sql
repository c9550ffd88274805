create or replace function wingman.award_achievements(user_ids uuid[])
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
    _postponed uuid[];
    _present uuid[];
begin
    -- Do not wait for the erasure of a person, because everybody else would wait too.
    _present := array(
        select p.id
        from public.user_profiles as p
        where p.id = any(award_achievements.user_ids)
        order by p.id
        for key share skip locked
    );
    with postponed as (
        insert into wingman.postponed_evaluations (user_id)
        select p.id
        from public.user_profiles as p
        where p.id = any(award_achievements.user_ids) and p.id <> all(_present)
        on conflict on constraint postponed_evaluations_pkey do update set user_id = excluded.user_id
        returning user_id
    )

    select coalesce(array_agg(p.user_id), '{}') into strict _postponed from postponed as p;

    with due as materialized (
        select a.user_id, a.name, a.earned_at
        from wingman.achievements_of(_present) as a
    ),

    revoked as (
        delete from wingman.earned_achievements as e
        where e.user_id = any(award_achievements.user_ids)
            and e.user_id <> all(_postponed)
            and not exists (select from due as d where d.user_id = e.user_id and d.name = e.name)
    )

    insert into wingman.earned_achievements (user_id, name, earned_at)
    select d.user_id, d.name, d.earned_at
    from due as d
    where not exists (
        select
        from wingman.earned_achievements as e
        -- the first condition follows from the others, and keeps a join by hashing from reading the whole table
        where e.user_id = any(_present) and e.user_id = d.user_id and e.name = d.name and e.earned_at = d.earned_at
    )
    order by d.earned_at, d.user_id, d.name
    on conflict on constraint earned_achievements_pkey do update set earned_at = excluded.earned_at;
end
$$;

comment on function wingman.award_achievements(uuid[]) is
'Brings wingman.earned_achievements up to date for these people: awards what they have earned, takes back what no longer holds,
and corrects when it was earned. The caller has locked the row of the reader achievements, so that nobody who has seen less of the
ledger does the same at once. Somebody who is being erased is postponed; what is left of somebody without a profile goes.';
revoke all on function wingman.award_achievements(uuid[]) from public, anon, authenticated, service_role;
