"""A limit for the attempts at one host, so that one that hangs leaves room for the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_PATIENCE_SECONDS: Final = 3.0
"""How long an attempt waits for its turn."""


class HostBusyError(Exception):
    """As many attempts are under way at the host as it may have, and it answers none of them."""


class Bulkhead:
    """Limits how many attempts are made at once at one host.

    An attempt that waits for its turn takes up a place, too. So it does not wait for long, and the next ones
    do not wait at all until the host has answered.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def place(self, host: str | None) -> AsyncIterator[None]:
        """The turn of an attempt at a host; None if there is no limit.

        Raises:
            HostBusyError: it did not come in time.
        """
        if host is None:
            yield
            return
        its = self._hosts.setdefault(host, _Host(self._most))
        its.users += 1
        try:
            await its.enter()
            try:
                yield
            finally:
                its.leave()
        finally:
            its.users -= 1
            if not its.users:
                self._hosts.pop(host, None)


class _Host:
    def __init__(self, most: int) -> None:
        self.users = 0
        self._places = asyncio.Semaphore(most)
        self._is_stuck = False

    async def enter(self) -> None:
        if self._is_stuck and self._places.locked():
            raise HostBusyError
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            self._is_stuck = True
            raise HostBusyError from None

    def leave(self) -> None:
        self._is_stuck = False
        self._places.release()
