create or replace function wingman.lock_reader(reader text, source text)
returns wingman.readers
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    _reader wingman.readers;
    _now pg_snapshot;
    _last_id bigint;
begin
    if wingman.write_obstacle() is not null then
        -- a standby's snapshot counts open transactions as finished; under another isolation level the snapshot
        -- would be older than the lock
        perform wingman.raise_error(wingman.write_obstacle());
    elsif not exists (
        select from wingman.readers as r where r.name = lock_reader.reader and r.source = lock_reader.source
    ) then
        raise exception using
            errcode = 'no_data_found',
            message = format('No reader of the %s is called %s', lock_reader.source, lock_reader.reader);
    elsif not wingman.has_to_read(lock_reader.reader) then
        -- without a transaction id, a lock or a line of WAL
        return null;
    end if;

    select r.* into _reader
    from wingman.readers as r
    where r.name = lock_reader.reader and r.source = lock_reader.source
    for update skip locked;
    if not found then
        return null;
    end if;

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        -- once: from here on nobody is writing, so every id assigned so far belongs to a visible row or to none
        if _reader.source = 'journal' then
            lock table wingman.events in share mode;
        else
            lock table wingman.reputation_events in share mode;
        end if;
        select wingman.reader_snapshot() into _now;
        _last_id := wingman.last_id_of(_reader.source);
        insert into wingman.reader_backlogs (
            reader, first_id, last_id, seen, target, place_xid, place_id, target_id
        )
        values (
            _reader.name,
            _reader.first_id,
            _last_id,
            _reader.seen,
            _reader.target,
            coalesce(_reader.place_xid, '0'),
            coalesce(_reader.place_id, 0),
            _reader.last_id
        );
        update wingman.readers as r
        set
            seen = _now,
            target = _now,
            place_xid = null,
            place_id = null,
            first_id = _last_id,
            last_id = _last_id,
            cluster_id = wingman.cluster_id(),
            moved_at = statement_timestamp()
        where r.name = _reader.name
        returning r.* into _reader;
    end if;
    return _reader;
end
$$;

comment on function wingman.lock_reader(text, text) is
'Locks the row of a reader that has something left to read, for the rest of the transaction, and returns it; null if there is
nothing left or another transaction is reading. After the database has moved to another cluster, it waits once for those who are
writing to the source, and sets aside what is unread in wingman.reader_backlogs. source: the reader''s.
Errors: unsupported_isolation, read_only_transaction.';
revoke all on function wingman.lock_reader(text, text) from public, anon, authenticated, service_role;
