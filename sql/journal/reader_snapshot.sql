create or replace function wingman.reader_snapshot()
returns pg_snapshot
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    _now pg_snapshot := pg_current_snapshot();
    _me xid8 := pg_current_xact_id_if_assigned();
begin
    if _me >= pg_snapshot_xmax(_now) or _me is null then
        return _now;
    end if;
    return (
        select format('%s:%s:%s', min(o.xid), pg_snapshot_xmax(_now), string_agg(o.xid::text, ',' order by o.xid))
        from (
            select x.xid from pg_snapshot_xip(_now) as x (xid)
            union
            select _me
        ) as o
    )::pg_snapshot;
end
$$;

comment on function wingman.reader_snapshot() is
'The snapshot of the calling statement, with this transaction counted as unfinished: pg_current_snapshot() leaves it out, so that
what it writes would count as read';
revoke all on function wingman.reader_snapshot() from public, anon, authenticated, service_role;
