"""How a call gets to PostgreSQL: over a pool, or over a connection of the caller's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from .._postgres import translated_errors
from .._rpc import Call
from .round_trip import is_idle, perform


class AsyncTransport(Protocol):
    """What carries calls."""

    async def perform(self, call: Call) -> list[Any]:
        """Make the call; returns one JSON value for each row of its result. Raises WingmanError."""


class AsyncPoolTransport:
    """Gives each call a connection of a pool and a transaction of its own."""

    def __init__(self, pool: AsyncConnectionPool[Any]) -> None:
        self._pool = pool

    async def perform(self, call: Call) -> list[Any]:
        with translated_errors():
            async with self._pool.connection() as connection, _autocommitting(connection):
                return await perform(connection, call)


class AsyncConnectionTransport:
    """Makes all calls on one connection, which stays the caller's, as does a transaction open on it."""

    def __init__(self, connection: AsyncConnection[Any]) -> None:
        self._connection = connection
        # The statements of two calls must not mix: one would run with the other's identity.
        self._lock = asyncio.Lock()

    async def perform(self, call: Call) -> list[Any]:
        async with self._lock:
            with translated_errors():
                return await perform(self._connection, call)


@asynccontextmanager
async def _autocommitting(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """Autocommit for as long as a call takes: BEGIN and COMMIT would be two more round trips."""
    before = connection.autocommit
    await connection.set_autocommit(True)
    try:
        yield
    finally:
        if is_idle(connection):
            await connection.set_autocommit(before)
        else:
            # In whatever state it is, the pool must not get it back like this.
            await connection.close()
