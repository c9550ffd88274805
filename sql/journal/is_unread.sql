create or replace function wingman.is_unread(
    xid xid8,
    id bigint,
    seen pg_snapshot,
    target pg_snapshot,
    place_xid xid8,
    place_id bigint,
    last_id bigint
)
returns boolean
language sql
immutable
return (
    id > last_id
    or not pg_visible_in_snapshot(xid, target)
    or (not pg_visible_in_snapshot(xid, seen) and (xid, id) > (coalesce(place_xid, '0'), coalesce(place_id, 0)))
);

comment on function wingman.is_unread(xid8, bigint, pg_snapshot, pg_snapshot, xid8, bigint, bigint) is
'Whether a reader at this position has not read a row yet; see wingman.readers. Also true if the row may be from another cluster
than the snapshots: such a row has an id greater than last_id';
revoke all on function wingman.is_unread(xid8, bigint, pg_snapshot, pg_snapshot, xid8, bigint, bigint)
from public, anon, authenticated, service_role;
