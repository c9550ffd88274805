create or replace function wingman.has_unread(reader text)
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return case (select r.source from wingman.readers as r where r.name = has_unread.reader)
        when 'journal' then exists (select from wingman.unread_events(has_unread.reader, max_events => 1))
        when 'ledger' then exists (select from wingman.unread_reputation_events(has_unread.reader, max_events => 1))
    end;
end
$$;

comment on function wingman.has_unread(text) is
'Whether a reader has anything left to read; null if there is no such reader';
revoke all on function wingman.has_unread(text) from public, anon, authenticated, service_role;
