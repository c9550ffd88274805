"""Claims what is due, makes the attempts, and settles them."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import uniform
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

import psycopg

from wingmanmatch.deliver import realtime
from wingmanmatch.deliver.bulkhead import Bulkhead, HostBusyError
from wingmanmatch.deliver.delivery import Delivery, Result, retry
from wingmanmatch.deliver.figures import Figures
from wingmanmatch.deliver.queue import Queue, Settled, claim, settle

_AWAY_SECONDS: Final = 0.5
"""The pause after a failure of the database; it doubles with each."""
_LONGEST_AWAY_SECONDS: Final = 5.0
_GATHER_SECONDS: Final = 0.005
"""How long results are gathered, to be settled together."""
_AGAIN_SECONDS: Final = 0.2
"""The pause before a result is settled again that somebody else's lock has kept from being settled."""
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
        """Whose attempts at once are limited; None: there is no limit."""

    async def send(self, delivery: Delivery) -> Result:
        """Make an attempt. It is cancelled when its time is over."""

    async def aclose(self) -> None:
        """Close its connections."""


@dataclass(frozen=True)
class _Made:
    """An attempt that was made."""

    delivery: Delivery
    result: Result
    until: float
    """When its time was over, as the event loop counts."""

    @property
    def lapses_at(self) -> float:
        """When others can claim the message."""
        return self.until + self.delivery.time_limit.total_seconds()


@dataclass
class _Line:
    """A channel at work."""

    name: str
    under_way: int = 0
    """Attempts that are being made."""
    made: list[_Made] = field(default_factory=list)
    """Those that were made, and are not settled yet."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """There is a result, or the worker is to end."""

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
        self._ends_at: float | None = None
        self._channels = [(channel, at_once, _Line(channel.name)) for channel, at_once in channels]
        self._realtime = _Line(realtime.CHANNEL) if with_realtime else None
        self.reached_at = monotonic()
        """When the database last answered."""

    def end(self) -> None:
        """Claim no more; ``run`` returns when everything is settled."""
        self._ends_at = monotonic()
        for line in [*(line for *_, line in self._channels), *([self._realtime] if self._realtime else [])]:
            line.changed.set()

    async def run(self) -> None:
        """Send until ``end`` is called."""
        async with asyncio.TaskGroup() as lines:
            for channel, at_once, line in self._channels:
                lines.create_task(self._send_each(channel, at_once, line))
            if self._realtime:
                lines.create_task(self._broadcast_all(self._realtime))

    async def _send_each(self, channel: Channel, at_once: int, line: _Line) -> None:
        self._figures.show(line.name)
        bulkhead = Bulkhead(max(1, at_once // 2))
        failures = 0
        async with asyncio.TaskGroup() as attempts:
            while self._ends_at is None or line.under_way or line.made:
                line.changed.clear()
                room = at_once - line.under_way if self._ends_at is None else 0
                if not line.made and not room:
                    await line.rest(None)
                    # others are likely to follow at once
                    await asyncio.sleep(_GATHER_SECONDS)
                    continue
                begun = asyncio.get_running_loop().time()
                try:
                    deliveries, passed_by = await self._exchange(line, room)
                except AWAY as error:
                    failures += 1
                    if self._gives_up():
                        break
                    await line.rest(_pause(error, failures, line.name))
                    continue
                failures = 0
                line.under_way += len(deliveries) + len(passed_by)
                if passed_by:
                    attempts.create_task(self._settle_again(passed_by, line))
                for delivery in deliveries:
                    until = begun + delivery.time_limit.total_seconds()
                    attempts.create_task(self._attempt(channel, delivery, until, bulkhead, line))
                if len(deliveries) < room:
                    await line.rest(self._poll_seconds)

    async def _exchange(self, line: _Line, room: int) -> tuple[list[Delivery], list[_Made]]:
        """Settle what there is to settle, and claim as much as there is room for.

        Returns what was claimed, and the attempts that are to be settled again.
        """
        made, line.made = line.made, []
        try:
            settled, deliveries = await self._queue.exchange(line.name, _results(made), room)
        except AWAY as error:
            if made and _is_refused(error):
                return [], await self._settle_singly(line, made)
            line.made = made + line.made
            raise
        self._answered(line, len(deliveries))
        return deliveries, self._note(line, made, settled)

    async def _settle_singly(self, line: _Line, made: Sequence[_Made]) -> list[_Made]:
        """One refused result must not keep the others from being settled."""
        passed_by = []
        for one in made:
            try:
                settled, _ = await self._queue.exchange(line.name, _results([one]), 0)
            except AWAY:
                extra = {"delivery_id": str(one.delivery.id), "code": one.result.error}
                log.exception("a result was refused", extra=extra)
                self._figures.settled(line.name, in_time=False)
            else:
                passed_by += self._note(line, [one], settled)
        return passed_by

    def _note(self, line: _Line, made: Sequence[_Made], settled: Collection[UUID]) -> list[_Made]:
        """Count what was settled; returns what was passed by, perhaps because somebody had locked it."""
        now = asyncio.get_running_loop().time()
        passed_by = []
        if self._ends_at is None:
            passed_by = [one for one in made if one.delivery.id not in settled and now < one.lapses_at]
        for one in made:
            if one not in passed_by:
                self._figures.settled(line.name, in_time=one.delivery.id in settled)
        return passed_by

    async def _settle_again(self, passed_by: list[_Made], line: _Line) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)
        line.made += passed_by
        line.under_way -= len(passed_by)
        line.changed.set()

    def _gives_up(self) -> bool:
        """Whether the end waits no longer for a database that cannot be reached."""
        return self._ends_at is not None and monotonic() > self._ends_at + _LAST_SECONDS

    async def _attempt(
        self, channel: Channel, delivery: Delivery, until: float, bulkhead: Bulkhead, line: _Line
    ) -> None:
        begun = monotonic()
        result = await _result(channel, delivery, until, bulkhead)
        self._figures.attempted(line.name, delivery, result, monotonic() - begun)
        line.made.append(_Made(delivery, result, until))
        line.under_way -= 1
        line.changed.set()

    async def _broadcast_all(self, line: _Line) -> None:
        self._figures.show(line.name)
        failures = 0
        while self._ends_at is None:
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
            deliveries = await (await claim(connection, line.name, _BROADCAST)).fetchall()
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


def _results(made: Sequence[_Made]) -> list[Settled]:
    return [(one.delivery, one.result) for one in made]


async def _result(channel: Channel, delivery: Delivery, until: float, bulkhead: Bulkhead) -> Result:
    """Make an attempt, which ends in time, whatever happens."""
    # the time limit below ends only what waits, and after a standstill the message may be another worker's
    if asyncio.get_running_loop().time() >= until:
        return retry("timeout")
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
