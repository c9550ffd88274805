"""How a call gets to the database, and is retried; here over a pool, or over the caller's connection."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from .._forking import ForkWatch
from .._postgres import translated_errors
from .._refusals import unknown_outcome
from .._retries import Retries, async_sleep
from .._rpc import AsyncIterated, Call, Reply
from ..call.identity import Identity
from ..call.transaction import as_the_connection_is, own_transaction, was_closed
from ..call.uninterrupted import async_uninterrupted
from ..errors import ConnectionLost, WingmanError
from .round_trip import is_free, perform

_BEFORE_ALL = str(UUID(int=0))
_GLANCE = 5
"""How many notifications a poll of the inbox reads at first."""
_PAGE = 100

Who = TypeVar("Who")
"""How a transport learns who calls: from an identity, or from an access token."""


class AsyncTransport(ABC, Generic[Who]):
    """Carries calls, and retries one if that is safe."""

    def __init__(self, retries: Retries) -> None:
        self._retries = retries
        self.forks = ForkWatch(self._is_open)

    async def perform(self, call: Call, who: Who) -> Reply:
        """Make the call.

        Raises:
            WingmanError: the call was refused or failed.
            RuntimeError: the connections are another process's.
        """
        self.forks.check()
        failures, first_failure = 0, 0.0
        lost = may_have_taken_effect = False
        while True:
            try:
                if lost:
                    await self._recover()
                return await self._attempt(call, who)
            except WingmanError as error:
                failures += 1
                now = monotonic()
                first_failure = first_failure or now
                lost = isinstance(error, ConnectionLost)
                if isinstance(error, ConnectionLost):
                    may_have_taken_effect |= call.writes and error.may_have_taken_effect
                    error.may_have_taken_effect = may_have_taken_effect
                again = (
                    error.retryable
                    and call.is_repeatable
                    and self._retries.allow(failures, now - first_failure)
                    and self._can_repeat(error)
                )
                if not again:
                    if may_have_taken_effect and not lost:
                        raise unknown_outcome(error) from error
                    raise
            await async_sleep(self._retries.wait(failures))

    async def follow(self, who: Who, after: str | None, every: float) -> AsyncIterated[Any]:
        """The notifications of a user after a given one, or only new ones, as JSON values, oldest first.

        Here by polling the inbox.

        Raises:
            WingmanError: it cannot be read.
            RuntimeError: the connections are another process's.
        """
        if after is None:
            newest = await self._inbox(who, None, 1)
            after = newest[0]["id"] if newest else _BEFORE_ALL
        while True:
            for row in await self._told_after(who, after):
                after = row["id"]
                yield row
            await async_sleep(every)

    async def _told_after(self, who: Who, after: str) -> list[Any]:
        # usually there is nothing new
        told = page = await self._inbox(who, None, _GLANCE)
        while page and page[-1]["id"] > after:
            page = await self._inbox(who, page[-1]["id"], _PAGE)
            told += page
        return [row for row in reversed(told) if row["id"] > after]

    async def _inbox(self, who: Who, before: str | None, page_size: int) -> list[Any]:
        """A page of the inbox, newest first."""
        call = Call.of("list_notifications", {"before": before, "page_size": page_size})
        return (await self.perform(call, who)).rows

    @abstractmethod
    def _is_open(self) -> bool:
        """Whether there may be open connections."""

    @abstractmethod
    async def _attempt(self, call: Call, who: Who) -> Reply:
        """Make the call once. Raises WingmanError."""

    @abstractmethod
    def _can_repeat(self, error: WingmanError) -> bool:
        """Whether the attempt that failed was a separate transaction, and another one can be made."""

    @abstractmethod
    async def _recover(self) -> None:
        """Clean up after a lost connection. Raises WingmanError."""


class AsyncPoolTransport(AsyncTransport[Identity]):
    """Gives each call a connection of a pool and a separate transaction."""

    def __init__(self, pool: AsyncConnectionPool[Any], retries: Retries, call_timeout: float | None) -> None:
        self._pool = pool
        self._call_timeout = call_timeout
        super().__init__(retries)

    def _is_open(self) -> bool:
        return not self._pool.closed

    async def _attempt(self, call: Call, who: Identity) -> Reply:
        with translated_errors():
            async with self._connection() as connection:
                return await perform(connection, call, who, own_transaction, self._call_timeout)

    def _can_repeat(self, error: WingmanError) -> bool:
        # The pool has already tried as long as it may to get a connection.
        return not isinstance(error.__cause__, PoolTimeout | PoolClosed | TooManyRequests)

    async def _recover(self) -> None:
        # What broke one connection may have broken all. The pool's own check would lose them if cancelled.
        with translated_errors():
            for _ in range(self._pool.get_stats().get("pool_available", 0)):
                async with self._connection() as connection:
                    with suppress(OperationalError):
                        await self._pool.check_connection(connection)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection of the pool. Its own context manager may lose that when the task is cancelled."""
        connection = await self._pool.getconn()
        for _ in range(self._pool.max_size):
            if not was_closed(connection):
                break
            # a call over it would be lost, and its outcome unknown
            await connection.close()
            await async_uninterrupted(self._pool.putconn, connection)
            connection = await self._pool.getconn()
        try:
            yield connection
        finally:
            await async_uninterrupted(self._pool.putconn, connection)


class AsyncConnectionTransport(AsyncTransport[Identity]):
    """Makes all calls on one connection; it and any transaction open on it belong to the caller."""

    def __init__(
        self, connection: AsyncConnection[Any], retries: Retries, call_timeout: float | None
    ) -> None:
        self._connection = connection
        self._call_timeout = call_timeout
        # The statements of two calls must not mix: one would run with the identity of the other.
        self._lock = asyncio.Lock()
        super().__init__(retries)

    def _is_open(self) -> bool:
        return not self._connection.closed

    async def perform(self, call: Call, who: Identity) -> Reply:
        """Make the call. Raises WingmanError, and RuntimeError where the connection is another process's."""
        # whoever held the lock in the other process will never let it go here
        self.forks.check()
        async with self._lock:
            return await super().perform(call, who)

    async def _attempt(self, call: Call, who: Identity) -> Reply:
        with translated_errors():
            return await perform(self._connection, call, who, as_the_connection_is, self._call_timeout)

    def _can_repeat(self, error: WingmanError) -> bool:
        # A call that was part of the caller's transaction has left it open; a lost connection is not idle.
        return is_free(self._connection)

    async def _recover(self) -> None:
        """Does nothing: replacing a lost connection is up to the caller."""
