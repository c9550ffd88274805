"""Waits for what happens elsewhere."""

import time
from collections.abc import Callable
from typing import Any

from harness import Connection

_DEADLINE_SECONDS = 15.0


def until(happens: Callable[[], Any]) -> Any:
    """Its result, as soon as there is one.

    Raises:
        TimeoutError: it never was.
    """
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if result := happens():
            return result
        time.sleep(0.01)
    raise TimeoutError("It did not happen")


def blocked_backends(db: Connection) -> list[int]:
    """The process ids of the backends of this database that wait for a lock."""
    rows = db.execute(
        "select a.pid from pg_stat_activity as a"
        " where a.datname = current_database() and cardinality(pg_blocking_pids(a.pid)) > 0"
    )
    return [row["pid"] for row in rows]
