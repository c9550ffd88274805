"""How many calls of a client are under way over HTTP at once: as many as it may have connections.

The pool of httpx could let others wait as well. Among threads, it may then close a connection on which one of
them has just begun to wait for an answer, who would wait until the time limit (encode/httpcore#1110).
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from threading import Semaphore

import httpx

__all__ = ["AsyncPlaces", "Places"]

_TAKEN = "All connections of the client were in use"


class Places:
    """Places for the calls of threads."""

    def __init__(self, count: int, timeout: float) -> None:
        self._free = Semaphore(count)
        self._timeout = timeout

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place, for as long as the context lasts. Raises httpx.PoolTimeout: none was free in time."""
        if not self._free.acquire(timeout=self._timeout):
            raise httpx.PoolTimeout(_TAKEN)
        try:
            yield
        finally:
            self._free.release()


class AsyncPlaces:
    """Places for the calls of tasks."""

    def __init__(self, count: int, timeout: float) -> None:
        self._free = asyncio.Semaphore(count)
        self._timeout = timeout

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place, for as long as the context lasts. Raises httpx.PoolTimeout: none was free in time."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._free.acquire()
        except TimeoutError:
            raise httpx.PoolTimeout(_TAKEN) from None
        try:
            yield
        finally:
            self._free.release()
