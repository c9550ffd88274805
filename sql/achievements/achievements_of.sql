create or replace function wingman.achievements_of(user_ids uuid[])
returns table (user_id uuid, name text, earned_at timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
begin
    return query
    select p.id, a.name, s.reached_at
    from wingman.metric_steps(achievements_of.user_ids) as s
    inner join wingman.achievements as a on a.metric = s.metric and a.threshold = s.value
    -- the first condition follows from the second, and keeps a join by hashing from reading the whole table
    inner join public.user_profiles as p on p.id = any(achievements_of.user_ids) and p.id = s.user_id;
end
$$;

comment on function wingman.achievements_of(uuid[]) is
'What these people have earned according to the ledger, and when; nothing for somebody without a profile';
revoke all on function wingman.achievements_of(uuid[]) from public, anon, authenticated, service_role;
