"""Crowds, written past the triggers for speed, and what a call reads to find its way through them."""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import md5
from typing import Any
from uuid import UUID

from harness import Connection
from psycopg import sql

# those after the first wait less; n of them in the order of their cells, row by row
_CROWD = """
    set local session_replication_role = replica;

    create temporary table crowd on commit drop as
    select
        md5({name} || n)::uuid as id,
        {lat} + n / {side} % {side} as lat,
        {lng} + n % {side} as lng,
        statement_timestamp() - interval '100 days' + n * interval '1 second' as waiting_since
    from generate_series(0, {people} - 1) as n;

    insert into public.user_profiles (id, first_name, experience_level)
    select id, 'Somebody', 'beginner' from crowd;
    insert into wingman.occupied_cells (grid_lat, grid_lng)
    select distinct lat, lng from crowd on conflict do nothing;
    insert into wingman.matchmaking_pool
        (user_id, grid_lat, grid_lng, level, max_travel_miles, waiting_since, paused, exposures)
    select
        id, lat, lng, {level}, {travel}, waiting_since, {paused},
        array_fill(statement_timestamp(), array[{exposures}])
    from crowd order by id;

    drop table crowd;
    set local session_replication_role = origin
"""

_COUNTED = """
    select relname, seq_scan, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) as rows
    from pg_stat_xact_user_tables
    where schemaname in ('public', 'wingman')
"""


def person(name: str, n: int) -> UUID:
    """The id of the nth person of a crowd: of two the one with the smaller n has waited longer."""
    return UUID(md5(f"{name}{n}".encode()).hexdigest())


def make_crowd(
    connection: Connection,
    name: str,
    people: int,
    at: tuple[int, int],
    *,
    side: int = 1,
    level: int = 1,
    travel: int = 25,
    paused: bool = False,
    exposures: int = 0,
) -> None:
    """Write a number of people, in turn to each cell of a square.

    Args:
        at: the square's corner in the southwest, in hundredths of a degree.
        side: its length in cells.
        exposures: how often each has just been found.
    """
    lat, lng = at
    values = {**locals(), "lat": lat, "lng": lng}
    names = ("name", "people", "lat", "lng", "side", "level", "travel", "paused", "exposures")
    connection.execute(sql.SQL(_CROWD).format(**{name: sql.Literal(values[name]) for name in names}))


@dataclass
class Work:
    """What a call read."""

    answer: dict[str, Any]
    rows: Counter[str] = field(default_factory=Counter)
    """Rows read of each table, live ones, by whatever scan."""
    scanned: set[str] = field(default_factory=set)
    """Tables that were read from end to end."""
    buffers: int = 0
    """Pages looked at, those of indexes and catalogs included."""


def work(connection: Connection, call: str, *arguments: Any) -> Work:
    """Make a call twice and undo it, once for what it reads and once for the pages.

    Args:
        call: such as ``public.get_match(%s)``.
    """
    with connection.transaction(force_rollback=True):
        before = _counted(connection)
        row = connection.execute(f"select to_jsonb(f) as answer from {call} as f", arguments).fetchone()
        after = _counted(connection)
    with connection.transaction(force_rollback=True):
        explain = f"explain (analyze, buffers, timing off, format json) select f from {call} as f"
        plan = connection.execute(explain, arguments).fetchone()
    assert row
    assert plan
    top = plan["QUERY PLAN"][0]["Plan"]
    return Work(
        row["answer"],
        Counter({table: rows - before.get(table, (0, 0))[1] for table, (_, rows) in after.items()}),
        {table for table, (scans, _) in after.items() if scans > before.get(table, (0, 0))[0]},
        top["Shared Hit Blocks"] + top["Shared Read Blocks"],
    )


def _counted(connection: Connection) -> dict[str, tuple[int, int]]:
    return {row["relname"]: (row["seq_scan"], row["rows"]) for row in connection.execute(_COUNTED)}
