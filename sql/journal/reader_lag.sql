create or replace function wingman.reader_lag(reader text, out unread bigint, out unread_since timestamptz)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if (select r.source from wingman.readers as r where r.name = reader_lag.reader) = 'journal' then
        select count(*), min(u.occurred_at) into unread, unread_since
        from wingman.unread_events(reader_lag.reader, max_events => 100000) as u;
    else
        select count(*), min(u.created_at) into unread, unread_since
        from wingman.unread_reputation_events(reader_lag.reader, 100000) as u;
    end if;
end
$$;

comment on function wingman.reader_lag(text) is
'How much a reader has not read, counted up to 100000, and since when the oldest of that has been waiting; null if nothing is
unread';
revoke all on function wingman.reader_lag(text) from public, anon, authenticated, service_role;
