create or replace function wingman.reader_lags()
returns table (name text, source text, unread bigint, unread_since timestamptz, moved_at timestamptz)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return query
    select r.name, r.source, g.unread, g.unread_since, r.moved_at
    from wingman.readers as r
    cross join lateral wingman.reader_lag(r.name) as g;
end
$$;

comment on function wingman.reader_lags() is
'What each reader has not read, as wingman_admin.readers and wingman_admin.metrics show it';
revoke all on function wingman.reader_lags() from public, anon, authenticated, service_role;
grant execute on function wingman.reader_lags() to service_role, wingman_admin;
