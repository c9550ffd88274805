create or replace function wingman.outcome_counts(settled_after timestamptz)
returns table (outcome text, sessions bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.outcome, sum(c.sessions)::bigint
    from (
        select k.outcome, k.sessions
        from wingman.outcome_statistics as k
        where k.happened_at > outcome_counts.settled_after
        union all
        select u.status, u.change
        from wingman.session_changes(array(select e from wingman.unread_events('statistics') as e)) as u
        where u.settled_at > outcome_counts.settled_after
    ) as c
    group by c.outcome;
end
$$;

comment on function wingman.outcome_counts(timestamptz) is
'How many sessions were completed or marked as a no-show since a moment within the last day: what the reader statistics has
counted, and what it has not read yet';
revoke all on function wingman.outcome_counts(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.outcome_counts(timestamptz) to service_role, wingman_admin;
