"""A pool that is there again soon after the server is.

By itself it would wait one second after its first failure to connect, then two, four, eight and sixteen.
"""

import asyncio
import time
from typing import Any, Final

from psycopg_pool import AsyncConnectionPool, ConnectionPool

RECONNECT_TIMEOUT: Final = 0.0
"""The pool gives an attempt up at once, and calls one of these functions, which begin the next one."""
RECONNECT_SECONDS: Final = 0.5
"""The time between two attempts to connect."""


async def async_reconnect(pool: AsyncConnectionPool[Any]) -> None:
    """Let the pool try again."""
    await asyncio.sleep(RECONNECT_SECONDS)
    if not pool.closed:
        await pool.check()


def reconnect(pool: ConnectionPool[Any]) -> None:
    """Let the pool try again."""
    time.sleep(RECONNECT_SECONDS)
    if not pool.closed:
        pool.check()
