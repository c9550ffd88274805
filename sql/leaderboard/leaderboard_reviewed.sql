create or replace function wingman.leaderboard_reviewed(entries wingman.reputation_events[])
returns uuid[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set jit = off
as $$
begin
    return array(
        select r.user_id
        from wingman.leaderboard_reviews as r
        where r.due_at <= statement_timestamp()
        union
        select e.user_id
        from unnest(leaderboard_reviewed.entries) as e
        where e.kind = 'departed'
    );
end
$$;

comment on function wingman.leaderboard_reviewed(wingman.reputation_events[]) is
'Whoever may have begun or ceased to be shown on the leaderboard, or have moved, since the reader last looked. entries: of the
ledger, unread: they say who has gone';
revoke all on function wingman.leaderboard_reviewed(wingman.reputation_events[]) from public, anon, authenticated, service_role;
