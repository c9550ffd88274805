"""Claims what is due, makes the attempts, and settles them."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import uniform
from time import monotonic
from typing import Final, Protocol

import psycopg

from wingmanmatch.deliver import realtime
from wingmanmatch.deliver.bulkhead import Bulkhead, HostBusyError
from wingmanmatch.deliver.delivery import Delivery, Result, retry
from wingmanmatch.deliver.figures import Figures
from wingmanmatch.deliver.queue import Queue, claim, settle

_AWAY_SECONDS: Final = 0.5
"""The pause after a failure of the database; it doubles with each."""
_LONGEST_AWAY_SECONDS: Final = 5.0
_GATHER_SECONDS: Final = 0.01
"""How long results are gathered, to be settled together."""
_BATCH: Final = 500
"""How many are settled together at most."""
_BROADCAST: Final = 50
"""How many are sent to Realtime in one transaction."""
_LAST_SECONDS: Final = 10.0
"""How long the end waits for a database that cannot be reached."""
_BUSY: Final = "PT423"

AWAY: Final = (psycopg.Error, TimeoutError)
"""What it looks like when the database does not do what it is asked."""

log = logging.getLogger(__name__)


class Channel(Protocol):
    """Sends messages of a channel, many at once."""

    @property
    def name(self) -> str:
        """What the database calls it."""

    def host(self, delivery: Delivery) -> str | None:
        """Who must not take all the room with this and others; None: nobody could."""

    async def send(self, delivery: Delivery) -> Result:
        """Make an attempt. It is cancelled when its time is over."""

    async def aclose(self) -> None:
        """Close its connections."""


@dataclass
class _Line:
    """A channel at work."""

    name: str
    under_way: int = 0
    """Attempts that are being made."""
    unsettled: int = 0
    """Those that are made, and not settled yet."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """An attempt was made or settled, or the worker is to end."""

    def room(self, at_once: int) -> int:
        """How many more may be claimed. As long as results cannot be settled, that is none in the end."""
        return at_once - self.under_way if self.unsettled < at_once else 0

    async def rest(self, seconds: float | None) -> None:
        """Wait for so long, or until something has changed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.changed.wait()


class Worker:
    """Sends what is due until it is told to end.

    Args:
        queue: what is due.
        channels: which of it is sent, each to make so many attempts at once.
        with_realtime: whether messages for Supabase Realtime are sent, too.
        poll_seconds: how often to look for what is due, while nothing is.
        figures: what is known of it.
    """

    def __init__(
        self,
        queue: Queue,
        channels: Sequence[tuple[Channel, int]],
        *,
        with_realtime: bool,
        poll_seconds: float,
        figures: Figures,
    ) -> None:
        self._queue = queue
        self._poll_seconds = poll_seconds
        self._figures = figures
        self._is_ending = False
        self._settler = _Settler(queue)
        self._channels = [(channel, at_once, _Line(channel.name)) for channel, at_once in channels]
        self._realtime = _Line(realtime.CHANNEL) if with_realtime else None
        self.reached_at = monotonic()
        """When the database last answered."""

    def end(self) -> None:
        """Claim no more; ``run`` returns when everything is settled."""
        self._is_ending = True
        self._settler.end()
        for line in [*(line for *_, line in self._channels), *([self._realtime] if self._realtime else [])]:
            line.changed.set()

    async def run(self) -> None:
        """Send until ``end`` is called."""
        settling = asyncio.create_task(self._settler.run())
        try:
            async with asyncio.TaskGroup() as lines:
                for channel, at_once, line in self._channels:
                    lines.create_task(self._send_each(channel, at_once, line))
                if self._realtime:
                    lines.create_task(self._broadcast_all(self._realtime))
        finally:
            settling.cancel()
            await asyncio.gather(settling, return_exceptions=True)

    async def _send_each(self, channel: Channel, at_once: int, line: _Line) -> None:
        self._figures.show(line.name)
        bulkhead = Bulkhead(max(1, at_once // 2))
        failures = 0
        async with asyncio.TaskGroup() as attempts:
            while not self._is_ending:
                line.changed.clear()
                free = line.room(at_once)
                if not free:
                    await line.rest(None)
                    continue
                begun = asyncio.get_running_loop().time()
                try:
                    deliveries = await self._queue.claim(line.name, free)
                except AWAY as error:
                    failures += 1
                    await line.rest(_pause(error, failures, line.name))
                    continue
                failures = 0
                self._answered(line, len(deliveries))
                line.under_way += len(deliveries)
                for delivery in deliveries:
                    until = begun + delivery.time_limit.total_seconds()
                    attempts.create_task(self._attempt(channel, delivery, until, bulkhead, line))
                if len(deliveries) < free:
                    await line.rest(self._poll_seconds)

    async def _attempt(
        self, channel: Channel, delivery: Delivery, until: float, bulkhead: Bulkhead, line: _Line
    ) -> None:
        begun = monotonic()
        result = await _result(channel, delivery, until, bulkhead)
        self._figures.attempted(line.name, delivery, result, monotonic() - begun)
        line.under_way -= 1
        line.unsettled += 1
        line.changed.set()
        in_time = await self._settler.settle(delivery, result)
        self._figures.settled(line.name, in_time=in_time)
        line.unsettled -= 1
        line.changed.set()

    async def _broadcast_all(self, line: _Line) -> None:
        self._figures.show(line.name)
        failures = 0
        while not self._is_ending:
            line.changed.clear()
            try:
                count = await self._broadcast(line)
            except AWAY as error:
                failures += 1
                await line.rest(_pause(error, failures, line.name))
                continue
            failures = 0
            if count < _BROADCAST:
                await line.rest(self._poll_seconds)

    async def _broadcast(self, line: _Line) -> int:
        """One transaction: what is due is claimed, sent and settled, all or nothing."""
        begun = monotonic()
        async with self._queue.transaction() as connection:
            deliveries = await claim(connection, line.name, _BROADCAST)
            results = await realtime.broadcast(connection, deliveries)
            if deliveries:
                await settle(connection, zip(deliveries, results, strict=True))
        self._answered(line, len(deliveries))
        for delivery, result in zip(deliveries, results, strict=True):
            self._figures.attempted(line.name, delivery, result, monotonic() - begun)
            self._figures.settled(line.name, in_time=True)
        return len(deliveries)

    def _answered(self, line: _Line, count: int) -> None:
        self.reached_at = monotonic()
        self._figures.claimed(line.name, count)


async def _result(channel: Channel, delivery: Delivery, until: float, bulkhead: Bulkhead) -> Result:
    """Make an attempt, which ends in time, whatever happens."""
    try:
        async with asyncio.timeout_at(until), bulkhead.place(channel.host(delivery)):
            return await channel.send(delivery)
    except TimeoutError:
        return retry("timeout")
    except HostBusyError:
        return retry("host_busy")
    except Exception:
        extra = {"channel": channel.name, "delivery_id": str(delivery.id)}
        log.exception("an attempt has failed unexpectedly", extra=extra)
        return retry("internal_error")


class _Settler:
    """Settles results, many in one transaction."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._waiting: list[tuple[Delivery, Result, asyncio.Future[bool]]] = []
        self._arrived = asyncio.Event()
        self._gives_up_at: float | None = None

    def end(self) -> None:
        """Wait no longer than necessary for a database that cannot be reached."""
        self._gives_up_at = monotonic() + _LAST_SECONDS

    async def settle(self, delivery: Delivery, result: Result) -> bool:
        """Settle a result; whether it was in time. If not, the message is claimed again after its lease."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((delivery, result, future))
        self._arrived.set()
        return await future

    async def run(self) -> None:
        """Settle what arrives."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await asyncio.sleep(_GATHER_SECONDS)
            while self._waiting:
                batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                settled = await self._settled([(delivery, result) for delivery, result, _ in batch])
                for delivery, _, future in batch:
                    if not future.done():
                        future.set_result(delivery.id in settled)

    async def _settled(self, results: list[tuple[Delivery, Result]]) -> set[object]:
        failures = 0
        while True:
            try:
                return {*await self._queue.settle(results)}
            except AWAY as error:
                if _is_refused(error):
                    return await self._settled_singly(results)
                failures += 1
                if self._gives_up_at is not None and monotonic() > self._gives_up_at:
                    return set()
                await asyncio.sleep(_pause(error, failures, "settling"))

    async def _settled_singly(self, results: list[tuple[Delivery, Result]]) -> set[object]:
        """One refused result must not keep the others from being settled."""
        settled: set[object] = set()
        for delivery, result in results:
            try:
                settled |= await self._queue.settle([(delivery, result)])
            except AWAY:
                log.exception(
                    "a result was refused", extra={"delivery_id": str(delivery.id), "code": result.error}
                )
        return settled


def _is_refused(error: Exception) -> bool:
    """Whether the database would refuse it again."""
    sqlstate = getattr(error, "sqlstate", None) or ""
    return sqlstate.startswith("PT") and sqlstate != _BUSY


def _pause(error: Exception, failures: int, what: str) -> float:
    """How long to wait after so many failures of the database; the first is logged."""
    if failures == 1:
        code = getattr(error, "sqlstate", None) or type(error).__name__
        log.warning(
            "the database does not answer, or refuses; trying again", extra={"channel": what, "code": code}
        )
    longest = min(_LONGEST_AWAY_SECONDS, _AWAY_SECONDS * 2 ** min(failures - 1, 10))
    return uniform(longest / 2, longest)
