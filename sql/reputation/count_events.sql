create or replace function wingman.count_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.user_profiles as p
    set completed_sessions = p.completed_sessions + e.delta
    from (select n.user_id, sum(n.delta)::integer as delta from new_events as n group by n.user_id) as e
    where p.id = e.user_id;
    return null;
end
$$;

comment on function wingman.count_events() is 'Trigger: keeps the counters of user_profiles equal to the sums of the ledger';
revoke all on function wingman.count_events() from public, anon, authenticated, service_role;
