create or replace view wingman.reputation_differences as
with sums as (
    select
        g.user_id,
        sum(case when wingman.counts_completions(g.kind) then g.delta else 0 end)::integer as completions,
        sum(case when wingman.counts_completions(g.kind) then 0 else -g.delta end)::integer as no_shows
    from wingman.reputation_events as g
    group by g.user_id
)

select
    p.id as user_id,
    p.completed_sessions,
    p.no_shows,
    coalesce(e.completions, 0) as ledger_completed_sessions,
    coalesce(e.no_shows, 0) as ledger_no_shows
from public.user_profiles as p
left join sums as e on p.id = e.user_id
where
    -- two rows compared beside an "or" come back from a dump with other parentheses
    p.completed_sessions is distinct from coalesce(e.completions, 0)
    or p.no_shows is distinct from coalesce(e.no_shows, 0)
    or p.reputation_score <> wingman.reputation_score(p.completed_sessions, p.no_shows);

comment on view wingman.reputation_differences is
'Profiles whose counters are not the sums of the ledger: none, unless somebody bypassed the triggers. Reads the whole ledger, or
only one user''s entries if you filter by user_id';
comment on column wingman.reputation_differences.user_id is 'The user';
comment on column wingman.reputation_differences.completed_sessions is 'The value in the profile';
comment on column wingman.reputation_differences.no_shows is 'The value in the profile';
comment on column wingman.reputation_differences.ledger_completed_sessions is 'The sum of the ledger';
comment on column wingman.reputation_differences.ledger_no_shows is 'The sum of the ledger';

revoke all on table wingman.reputation_differences from public, anon, authenticated, service_role;
