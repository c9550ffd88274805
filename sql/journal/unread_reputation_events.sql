create or replace function wingman.unread_reputation_events(reader text, max_events bigint default null)
returns setof wingman.reputation_events
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
    _reader wingman.readers;
    -- no transaction that this statement sees has a greater id
    _end xid8 := greatest(pg_snapshot_xmax(pg_current_snapshot()), pg_current_xact_id_if_assigned());
    _found bigint := bigint '0';
    _more bigint := bigint '0';
begin
    select r.* into strict _reader
    from wingman.readers as r
    where r.name = unread_reputation_events.reader and r.source = 'ledger';

    if wingman.is_of_another_cluster(_reader.cluster_id, _reader.target) then
        return query
        select e.*
        from wingman.reputation_events as e
        where e.id > _reader.first_id
            and wingman.is_unread(
                e.xid, e.id, _reader.seen, _reader.target, _reader.place_xid, _reader.place_id, _reader.last_id
            )
        limit unread_reputation_events.max_events;
        get diagnostics _found = row_count;
    else
        if _reader.place_xid is not null then
            return query
            select u.*
            from (
                -- the rest of the window: from transactions that were open at its start and had finished by its end
                select e.*
                from unnest(wingman.finished_between(_reader.seen, _reader.target)) as o (xid)
                cross join lateral (
                    select f.*
                    from wingman.reputation_events as f
                    where f.xid = o.xid
                        and f.id > case when o.xid = _reader.place_xid then _reader.place_id else _reader.first_id end
                    -- one transaction at a time, as in wingman.unread_events
                    offset 0
                ) as e
                where o.xid >= _reader.place_xid
                union all
                -- … and from those that began in it
                select e.*
                from wingman.reputation_events as e
                where (e.xid, e.id) > (
                        greatest(pg_snapshot_xmax(_reader.seen), _reader.place_xid),
                        case when _reader.place_xid >= pg_snapshot_xmax(_reader.seen) then _reader.place_id else 0 end
                    )
                    and e.xid < pg_snapshot_xmax(_reader.target)
                    and pg_visible_in_snapshot(e.xid, _reader.target)
                    and e.id > _reader.first_id
            ) as u
            limit unread_reputation_events.max_events;
            get diagnostics _found = row_count;
        end if;

        return query
        select u.*
        from (
            -- beyond it: from transactions that were open at its end
            select e.*
            from pg_snapshot_xip(_reader.target) as o (xid)
            cross join lateral (
                select f.*
                from wingman.reputation_events as f
                where f.xid = o.xid and f.id > _reader.first_id
                offset 0
            ) as e
            union all
            -- … and from those that began after it
            select e.*
            from wingman.reputation_events as e
            where e.xid >= pg_snapshot_xmax(_reader.target)
                and e.xid <= _end
                and e.id > _reader.first_id
        ) as u
        limit unread_reputation_events.max_events - _found;
        get diagnostics _more = row_count;
    end if;
    if not exists (select from wingman.reader_backlogs as b where b.reader = unread_reputation_events.reader) then
        return;
    end if;

    -- from another cluster, which is rare: searches everything that has been written
    return query
    select e.*
    from wingman.reader_backlogs as b
    inner join wingman.reputation_events as e
        on e.id > b.first_id
        and e.id <= b.last_id
        and (e.xid, e.id) > (b.read_xid, b.read_id)
        and wingman.is_unread(e.xid, e.id, b.seen, b.target, b.place_xid, b.place_id, b.target_id)
    where b.reader = unread_reputation_events.reader
    limit unread_reputation_events.max_events - _found - _more;
end
$$;

comment on function wingman.unread_reputation_events(text, bigint) is
'What a reader of the ledger has not read, like wingman.unread_events';
revoke all on function wingman.unread_reputation_events(text, bigint) from public, anon, authenticated, service_role;
