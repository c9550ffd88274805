"""Whose call goes to the database next."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TooManyWaitingError(Exception):
    """Too many calls wait already, of this user or of all."""


class WaitedTooLongError(Exception):
    """No place became free in time."""


class Turns:
    """A number of places, for which users take turns, however many calls each of them makes.

    One user holds at most half of the places, so slow calls of one leave room for everybody else.

    Args:
        places: how many calls go on at once.
        max_waiting: how many may wait for a place.
        max_waiting_of_one: how many of them may be one user's.
    """

    def __init__(self, places: int, max_waiting: int, max_waiting_of_one: int) -> None:
        self._free = places
        self._most = (places + 1) // 2
        self._max_waiting = max_waiting
        self._max_waiting_of_one = max_waiting_of_one
        self._held: Counter[str] = Counter()
        # the users in the order of their turns
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}

    @property
    def are_all_taken(self) -> bool:
        """Whether no place is free."""
        return not self._free

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def place(self, user: str, timeout: float) -> AsyncIterator[None]:
        """A place for as long as the context lasts.

        Args:
            user: whose turn it takes.
            timeout: how many seconds to wait for it.

        Raises:
            TooManyWaitingError: there are too many calls already.
            WaitedTooLongError: none became free in time.
        """
        # nobody waits who may take it: those who wait hold as many as one user may
        if self._free and self._held[user] < self._most:
            self._take(user)
        else:
            await self._wait(user, timeout)
        try:
            yield
        finally:
            self._give_back(user)

    async def _wait(self, user: str, timeout: float) -> None:
        self._make_room_for(user)
        place = asyncio.get_running_loop().create_future()
        self._queues.setdefault(user, deque()).append(place)
        try:
            async with asyncio.timeout(timeout):
                await place
        except BaseException as error:
            if not place.cancelled() and place.exception() is None:
                # it came at the same moment
                self._give_back(user)
            self._leave(user, place)
            if isinstance(error, TimeoutError):
                raise WaitedTooLongError from error
            raise

    def _make_room_for(self, user: str) -> None:
        """Where all may wait no more, the last call of whoever has the most is refused."""
        own = len(self._queues.get(user, ()))
        if own >= self._max_waiting_of_one:
            raise TooManyWaitingError
        if self.waiting < self._max_waiting:
            return
        longest = max(self._queues, key=lambda other: len(self._queues[other]))
        if len(self._queues[longest]) <= own + 1:
            raise TooManyWaitingError
        last = self._queues[longest][-1]
        self._leave(longest, last)
        if not last.done():
            last.set_exception(TooManyWaitingError())

    def _leave(self, user: str, place: asyncio.Future[None]) -> None:
        queue = self._queues.get(user, deque())
        if place in queue:
            queue.remove(place)
            if not queue:
                del self._queues[user]

    def _take(self, user: str) -> None:
        self._free -= 1
        self._held[user] += 1

    def _give_back(self, user: str) -> None:
        self._free += 1
        self._held[user] -= 1
        if not self._held[user]:
            del self._held[user]
        while self._free and (next_user := self._next()) is not None:
            queue = self._queues.pop(next_user)
            place = queue.popleft()
            if queue:
                # behind all others
                self._queues[next_user] = queue
            # a task that is being cancelled has not left yet
            if not place.done():
                self._take(next_user)
                place.set_result(None)

    def _next(self) -> str | None:
        return next((user for user in self._queues if self._held[user] < self._most), None)
