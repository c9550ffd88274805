create or replace function wingman.count_event()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.user_profiles as p
    set completed_sessions = p.completed_sessions + new.delta
    where p.id = new.user_id;
    return null;
end
$$;

comment on function wingman.count_event() is 'Trigger: keeps the counters of user_profiles equal to the sums of the ledger';
revoke all on function wingman.count_event() from public, anon, authenticated, service_role;
