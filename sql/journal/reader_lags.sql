create or replace function wingman.reader_lags()
returns table (name text, source text, unread bigint, unread_since timestamptz, moved_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.name, r.source, g.unread + d.due, least(g.unread_since, d.due_since), r.moved_at
    from wingman.readers as r
    cross join lateral wingman.reader_lag(r.name) as g
    cross join lateral (
        select count(*), min(o.due_at)
        from wingman.reminders as o
        where r.name = 'inbox' and o.due_at <= statement_timestamp()
    ) as d (due, due_since);
end
$$;

comment on function wingman.reader_lags() is
'What each reader has not read, as wingman_admin.readers and wingman_admin.metrics show it; for the inbox, plus the
reminders that are due';
revoke all on function wingman.reader_lags() from public, anon, authenticated, service_role;
grant execute on function wingman.reader_lags() to service_role, wingman_admin;
