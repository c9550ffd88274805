"""A network that breaks: a proxy that passes bytes on as they come, and cuts connections at random bytes.

For tests/client/proxy.py a test chooses the message at which to cut; here chance does, on many connections
at once, in the event loop of the callers.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
REQUESTS, ANSWERS, WAITS = "request cut", "answer cut", "cut while the answer was awaited"
LONGEST_WAIT = 0.01
"""Seconds after which such a cut comes at the latest."""


@dataclass
class Network:
    """The way from the callers to a server."""

    reach: Callable[[], Awaitable[Streams]]
    """Connects to the server, wherever it is by now."""
    chance: float
    """How likely a connection is cut when something goes over it, in each direction."""
    random: random.Random
    port: int = 0
    cuts: Counter[str] = field(default_factory=Counter)
    """How many connections were cut, by the direction of the message that was cut off."""

    def hits(self, times: int = 1) -> bool:
        """Whether to cut here, so many times as likely."""
        return self.random.random() < times * self.chance

    async def link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            upstream_reader, upstream_writer = await self.reach()
        except OSError:
            writer.transport.abort()
            return
        link = Link(self, (reader, upstream_writer), (upstream_reader, writer))
        ways = [asyncio.create_task(link.carry_requests()), asyncio.create_task(link.carry_answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            writer.transport.abort()
            upstream_writer.transport.abort()


class Link:
    """One connection. When one of the two directions ends, it is cut."""

    def __init__(self, network: Network, requests: Streams, answers: Streams) -> None:
        self._network = network
        self._requests = requests
        self._answers = answers
        self._is_answered = asyncio.Event()

    async def carry_requests(self) -> None:
        source, target = self._requests
        with suppress(OSError):
            while data := await source.read(65_536):
                self._is_answered.clear()
                if not await self._pass_on(data, target, REQUESTS):
                    return
                # most answers come before
                if self._network.hits(times=3) and not await self._answer_comes():
                    self._network.cuts[WAITS] += 1
                    return

    async def carry_answers(self) -> None:
        source, target = self._answers
        with suppress(OSError):
            while data := await source.read(65_536):
                self._is_answered.set()
                if not await self._pass_on(data, target, ANSWERS):
                    return

    async def _pass_on(self, data: bytes, target: asyncio.StreamWriter, kind: str) -> bool:
        """Pass it on, or a part of it; returns whether it was all."""
        if self._network.hits():
            target.write(data[: self._network.random.randrange(len(data))])
            self._network.cuts[kind] += 1
            return False
        target.write(data)
        await target.drain()
        return True

    async def _answer_comes(self) -> bool:
        """Wait for some milliseconds; whether something of the answer came."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._is_answered.wait(), self._network.random.uniform(0, LONGEST_WAIT))
        return self._is_answered.is_set()


@asynccontextmanager
async def network(
    reach: Callable[[], Awaitable[Streams]], chance: float, seed: str
) -> AsyncIterator[Network]:
    """A network on a free port of 127.0.0.1 for as long as the context lasts."""
    made = Network(reach, chance, random.Random(seed))
    server = await asyncio.start_server(made.link, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
