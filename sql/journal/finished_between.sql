create or replace function wingman.finished_between(seen pg_snapshot, target pg_snapshot)
returns xid8[]
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select x.xid
        from pg_snapshot_xip(finished_between.seen) as x (xid)
        where pg_visible_in_snapshot(x.xid, finished_between.target)
        order by x.xid
    );
end
$$;

comment on function wingman.finished_between(pg_snapshot, pg_snapshot) is
'The transactions that were open in one snapshot and had finished in a later one';
revoke all on function wingman.finished_between(pg_snapshot, pg_snapshot) from public, anon, authenticated, service_role;
