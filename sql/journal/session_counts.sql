create or replace function wingman.session_counts(held_until timestamptz)
returns table (held_on date, outcome text, sessions bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select c.held_on, c.outcome, sum(c.sessions)::bigint
    from (
        select (k.held_at at time zone 'UTC')::date as held_on, k.outcome, k.sessions
        from wingman.session_statistics as k
        where k.held_at <= session_counts.held_until
        union all
        select (u.held_at at time zone 'UTC')::date, wingman.session_outcome(u.status, u.is_reverted), u.change
        from wingman.session_changes(array(select e from wingman.unread_events('statistics') as e)) as u
        where u.held_at <= session_counts.held_until
    ) as c
    group by c.held_on, c.outcome
    having sum(c.sessions) <> 0;
end
$$;

comment on function wingman.session_counts(timestamptz) is
'How many sessions were due on each day, in UTC, up to a moment of today, by outcome: what the reader statistics has counted, and
what it has not read yet';
revoke all on function wingman.session_counts(timestamptz) from public, anon, authenticated, service_role;
grant execute on function wingman.session_counts(timestamptz) to service_role, wingman_admin;
