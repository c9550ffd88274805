create or replace function wingman.achievement_differences(user_ids uuid[])
returns table (user_id uuid, name text, earned_at timestamptz, ledger_earned_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    with settled as materialized (
        select u.id
        from unnest(achievement_differences.user_ids) as u (id)
        except
        select r.user_id
        from wingman.unread_reputation_events('achievements') as r
        except
        select o.user_id
        from wingman.postponed_evaluations as o
    )

    select coalesce(e.user_id, d.user_id), coalesce(e.name, d.name), e.earned_at, d.earned_at
    from (
        select k.user_id, k.name, k.earned_at
        from wingman.earned_achievements as k
        inner join settled as s on s.id = k.user_id
        where k.user_id = any(achievement_differences.user_ids)
    ) as e
    full join wingman.achievements_of(array(select s.id from settled as s)) as d
        on d.user_id = e.user_id and d.name = e.name
    inner join wingman.achievements as a on a.name = coalesce(e.name, d.name)
    where e.earned_at is distinct from d.earned_at
        -- not yet awarded backwards to this person
        and (a.evaluated_to >= coalesce(e.user_id, d.user_id)) is not false;
end
$$;

comment on function wingman.achievement_differences(uuid[]) is
'What these people have been awarded that the ledger does not say, and the reverse: nothing, unless somebody wrote past the
reader. Leaves out those of whom the reader achievements has something left to read. earned_at: as awarded, null if it was not;
ledger_earned_at: as the ledger says, null if it does not hold';
revoke all on function wingman.achievement_differences(uuid[]) from public, anon, authenticated, service_role;
