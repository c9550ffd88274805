create or replace function wingman.next_window(reader wingman.readers)
returns wingman.readers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _reader wingman.readers := next_window.reader;
begin
    -- a statement of its own: that of the lock can have begun before the last reader ended
    select wingman.reader_snapshot() into _reader.target;
    -- after the snapshot: what it sees has no greater id
    _reader.last_id := wingman.last_id_of(_reader.source);
    _reader.place_xid := '0';
    _reader.place_id := 0;
    return _reader;
end
$$;

comment on function wingman.next_window(wingman.readers) is
'A reader, whose row the caller has locked, with its next window open, which ends now; nothing is written';
revoke all on function wingman.next_window(wingman.readers) from public, anon, authenticated, service_role;
