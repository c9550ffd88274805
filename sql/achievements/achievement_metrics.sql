create or replace function wingman.achievement_metrics()
returns table (metric text, meaning text)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    values
    ('completed_sessions', 'Sessions that the person completed'),
    ('different_buddies', 'People with whom the person completed a session'),
    ('weeks_in_a_row', 'The longest run of weeks, Monday to Sunday in UTC, in each of which the person completed a session'),
    (
        'sessions_with_beginners',
        'Sessions that the person completed with a beginner while more experienced, by the levels when the two were matched'
    );
end
$$;

comment on function wingman.achievement_metrics() is
'What achievements can count, in the order in which people see them. metric: a value of wingman.achievements.metric; meaning: what
is counted. Each counts the completed entries of the ledger that were not reverted, so it can fall only by a revert.
wingman.metric_steps computes them.';
revoke all on function wingman.achievement_metrics() from public, anon, authenticated, service_role;
grant execute on function wingman.achievement_metrics() to service_role, wingman_admin;
