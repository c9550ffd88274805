create or replace function wingman.read_events(reader text, max_events integer)
returns setof wingman.events
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers := wingman.lock_reader(read_events.reader, 'journal');
    _page wingman.events[] := array[]::wingman.events[];
    _part wingman.events[] := array[]::wingman.events[];
    _rest integer := read_events.max_events;
    _is_new boolean;
    _backlog wingman.reader_backlogs;
begin
    if _reader.name is null then
        return;
    end if;

    for _backlog in select b.* from wingman.reader_backlogs as b where b.reader = _reader.name order by b.first_id loop
        exit when _rest = 0;
        _part := array(
            select e
            from wingman.events as e
            where (e.xid, e.id) > (_backlog.read_xid, _backlog.read_id)
                and e.id > _backlog.first_id
                and e.id <= _backlog.last_id
                and wingman.is_unread(
                    e.xid,
                    e.id,
                    _backlog.seen,
                    _backlog.target,
                    _backlog.place_xid,
                    _backlog.place_id,
                    _backlog.target_id
                )
            order by e.xid, e.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            delete from wingman.reader_backlogs as b where b.reader = _reader.name and b.first_id = _backlog.first_id;
        else
            update wingman.reader_backlogs as b
            set read_xid = (_part[_rest]).xid, read_id = (_part[_rest]).id
            where b.reader = _reader.name and b.first_id = _backlog.first_id;
        end if;
        _page := _page || _part;
        _rest := read_events.max_events - cardinality(_page);
    end loop;

    -- the open window, and a new one if that is not enough
    while _rest > 0 loop
        _is_new := _reader.place_xid is null;
        if _is_new then
            -- a separate statement: the one that took the lock may have begun before the last reader ended
            select wingman.reader_snapshot() into _reader.target;
            -- after the snapshot, so that no row it sees has a greater id
            _reader.last_id := wingman.last_id_of(_reader.source);
            _reader.place_xid := '0'::xid8;
            _reader.place_id := bigint '0';
        end if;
        _part := array(
            select u.event
            from (
                -- from transactions that were open at the start of the window and finished by its end: these come first
                (
                    select e.event, e.xid, e.id
                    from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                    cross join lateral (
                        select f as event, f.xid, f.id
                        from wingman.events as f
                        where f.xid = o.xid
                            and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                        order by f.id
                        limit _rest
                    ) as e
                    where o.xid >= _reader.place_xid
                    order by e.xid, e.id
                    limit _rest
                )
                union all
                -- from those that began in it
                (
                    select e as event, e.xid, e.id
                    from wingman.events as e
                    where (e.xid, e.id) > (
                            greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                            case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                        )
                        and e.xid < pg_snapshot_xmax(_reader.target)
                        and pg_visible_in_snapshot(e.xid, _reader.target)
                        and e.id > _reader.first_id
                    order by e.xid, e.id
                    limit _rest
                )
            ) as u
            order by u.xid, u.id
            limit _rest
        );
        if cardinality(_part) < _rest then
            _reader.seen := _reader.target;
            _reader.place_xid := null;
            _reader.place_id := null;
        else
            _reader.place_xid := (_part[_rest]).xid;
            _reader.place_id := (_part[_rest]).id;
        end if;
        _page := _page || _part;
        _rest := read_events.max_events - cardinality(_page);
        exit when _is_new;
    end loop;
    perform wingman.move_reader(_reader);
    return query select e.* from unnest(_page) as e order by e.id;
end
$$;

comment on function wingman.read_events(text, integer) is
'Returns the next events that a reader of the journal has not read, at most max_events, in the order of id, and moves the reader
on. Each event comes exactly once if you commit your work on it in the same transaction. Fewer than max_events means that there
are no more for now; none can also mean that another transaction is reading. Store the events in a variable and work on them in
later
statements: the one that calls this function does not see all rows that they refer to.
Errors: unsupported_isolation, read_only_transaction; no_data_found if there is no such reader.';
revoke all on function wingman.read_events(text, integer) from public, anon, authenticated, service_role;
