"""Waits for what happens elsewhere."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from harness import Connection

_DEADLINE_SECONDS = 15.0
_LONG_DEADLINE_SECONDS = 60.0


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


async def until_in_loop(happens: Callable[[], Any]) -> None:
    """Return once it does, while the event loop goes on; for measurements.

    Raises:
        TimeoutError: it never did.
    """
    async with asyncio.timeout(_LONG_DEADLINE_SECONDS):
        while not happens():
            await asyncio.sleep(0.01)


def blocked_backends(db: Connection) -> list[int]:
    """The process ids of the backends of this database that wait for a lock."""
    rows = db.execute(
        "select a.pid from pg_stat_activity as a"
        " where a.datname = current_database() and cardinality(pg_blocking_pids(a.pid)) > 0"
    )
    return [row["pid"] for row in rows]
