create or replace function wingman.count_events()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
-- profiles are locked by id, the last rows of the lock order: events in that order, for each an index scan
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
begin
    update public.user_profiles as p
    set
        completed_sessions = p.completed_sessions + e.completions,
        no_shows = p.no_shows + e.completions - e.delta,
        updated_at = statement_timestamp()
    from (
        select
            n.user_id,
            sum(n.delta)::integer as delta,
            sum(wingman.completions_in(n.kind, n.delta))::integer as completions
        from new_events as n
        group by n.user_id
        order by n.user_id
    ) as e
    where p.id = e.user_id;
    return null;
end
$$;

comment on function wingman.count_events() is
'Trigger: keeps the counters of user_profiles equal to the sums of the ledger. Locks the profiles by id.';
revoke all on function wingman.count_events() from public, anon, authenticated, service_role;
