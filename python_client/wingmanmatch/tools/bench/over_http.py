"""The same calls over HTTP and over PostgreSQL's own protocol, in turn, by as many clients in one world."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from pathlib import Path
from secrets import token_urlsafe
from statistics import median
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen
from uuid import UUID

import jwt
from rich.console import Console
from rich.table import Table

from wingmanmatch import AsyncWingmanClient, Retries
from wingmanmatch.database.embedded import LOOPBACK, EmbeddedServer, free_port
from wingmanmatch.tools.bench import report
from wingmanmatch.tools.bench.pgbench import Run, RunFailedError, summary_of
from wingmanmatch.tools.bench.run import facts_of, may_publish, staged, warn_when_busy
from wingmanmatch.tools.bench.server import bench_server, durable_settings
from wingmanmatch.tools.bench.stage import Scale, Stage
from wingmanmatch.tools.bench.turns import FEWEST_CALLS_EACH
from wingmanmatch.tools.bench.workloads import CONFIRM
from wingmanmatch.tools.bench.worlds import World, WorldError, person_id

START_SECONDS: Final = 30.0
CALLS_OF_EACH: Final = 10
"""How often a person reads the profile with one access token: a token is valid for an hour of calls."""
OFF: Final = Retries(attempts=1)
_CONTENT_LENGTH: Final = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class Ask:
    """A call to make on behalf of a user."""

    caller: UUID
    function: str
    arguments: dict[str, str]


Made = Callable[[], Awaitable[object]]
"""A prepared call: nothing is left to do but to make it."""
Ready = Callable[[int, Ask], Made]
"""Prepares a call of a client, by the client's number."""


@dataclass(frozen=True)
class Operation:
    """What is measured."""

    function: str
    asks: Callable[[World, int], list[Ask]]
    """Takes a number of calls; for calls that write, after making what they need."""
    done: str = ""
    """A query whose number grows by one with every call that has done its work."""


@dataclass(frozen=True)
class Transport:
    """How calls are made."""

    what: str
    open: Callable[[World, "Served", int], AbstractAsyncContextManager[Ready]]


@dataclass(frozen=True)
class Served:
    """The HTTP server, and the secret that signs its tokens."""

    url: str
    secret: str
    _tokens: dict[UUID, str] = field(default_factory=dict)

    def token(self, user_id: UUID) -> str:
        """A person's access token as Supabase issues them, valid for an hour."""
        if user_id not in self._tokens:
            self._tokens[user_id] = self._signed(user_id)
        return self._tokens[user_id]

    def _signed(self, user_id: UUID) -> str:
        claims = {
            "sub": str(user_id),
            "aud": "authenticated",
            "role": "authenticated",
            "exp": int(time.time()) + 3600,
        }
        return jwt.encode(claims, self.secret, "HS256")


def run_http(console: Console, directory: Path, scale: Scale, document: Path | None) -> None:
    """Measure calls over HTTP and calls over a connection, and show both.

    Raises:
        RunFailedError, WorldError: a call did not do its work.
        WingmanError: a call was refused.
        DirectoryInUseError: another process measures in this directory.
    """
    with bench_server(directory, durable_settings()) as server:
        facts, taken = take_http(console, server, scale)
    told = Table(box=None, header_style="bold")
    for heading in HEADINGS:
        told.add_column(heading, justify="left" if heading in HEADINGS[:2] else "right", no_wrap=True)
    for row in rows(taken):
        told.add_row(*row)
    console.print(told)
    if document and may_publish(console, facts, [document]):
        text = document.read_text(encoding="utf-8")
        document.write_text(report.between_marks(text, "http", markdown(facts, taken)), encoding="utf-8")


Taken = dict[tuple[Operation, Transport], list[Run]]


def take_http(console: Console, server: EmbeddedServer, scale: Scale) -> tuple[dict[str, Any], Taken]:
    """Where it was measured, and the runs that count."""
    facts = {**facts_of(server), **scale.facts}
    warn_when_busy(console, facts)
    kinds = [(operation, transport) for operation in OPERATIONS for transport in TRANSPORTS]
    taken: Taken = {kind: [] for kind in kinds}
    rounds = scale.warm_ups + scale.pairs
    with staged(console, server, scale, rounds * len(kinds)) as stage:
        world = stage.world("spread", scale.people)
        with served(world, scale.clients) as http:
            calls_each = dict.fromkeys(kinds, FEWEST_CALLS_EACH)
            for number in range(rounds):
                # each is the first one in turn
                for kind in kinds if number % 2 else reversed(kinds):
                    stage.begin(f"{kind[0].function}, {kind[1].what}")
                    made = turn(stage, world, http, kind, calls_each[kind])
                    calls_each[kind] = max(
                        FEWEST_CALLS_EACH, round(made.rate * scale.seconds / scale.clients)
                    )
                    if number >= scale.warm_ups:
                        taken[kind].append(made)
                    stage.step()
    return facts, taken


HEADINGS: Final = ("call", "transport", "calls/s", "least", "most", "of the first", "p99 ms")


def rows(taken: Taken) -> Iterator[tuple[str, ...]]:
    """The table's rows: medians, with the least and the greatest rate."""
    for (operation, transport), runs in taken.items():
        rates = [made.rate for made in runs]
        first = median(made.rate for made in taken[operation, TRANSPORTS[0]])
        yield (
            operation.function,
            transport.what,
            *(f"{rate:,.0f}" for rate in (median(rates), min(rates), max(rates))),
            f"{median(rates) / first:.2f}",
            f"{median(made.p99 for made in runs) / 1000:.1f}",
        )


def markdown(facts: dict[str, Any], taken: Taken) -> str:
    """The table for a document, and where it was taken."""
    lines = [
        f"{facts['date'][:10]}, commit {facts['commit'] or 'unknown'}, {facts['people']:,} people,"
        f" {facts['clients']} clients, {facts['pairs']} turns each of about {facts['seconds']:g} s.",
        f"{facts['cpu']}, {facts['cores']} cores;"
        f" PostgreSQL {facts['postgresql']}, Python {facts['python']}.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        "|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows(taken)),
    ]
    return "\n".join(lines) + "\n"


def turn(stage: Stage, world: World, http: Served, kind: tuple[Operation, Transport], calls_each: int) -> Run:
    operation, transport = kind
    clients = stage.scale.clients
    # an even number, so that there are as many first as second confirmations
    calls_each = min(calls_each, (world.kind.pairs - 1) // clients) // 2 * 2
    world.turns += 1
    asks = operation.asks(world, calls_each * clients)
    before = world.number(operation.done) if operation.done else 0
    with asyncio.Runner() as runner:
        made = runner.run(_make(world, http, transport, asks, clients))
    if operation.done and world.number(operation.done) - before != made.calls:
        raise WorldError(f"{operation.function}: not each of {made.calls} calls did its work")
    world.run("reset")
    return made


async def _make(world: World, http: Served, transport: Transport, asks: Sequence[Ask], clients: int) -> Run:
    each = len(asks) // clients
    ends: list[list[tuple[float, float]]] = [[] for _ in range(clients)]

    async def client(calls: Sequence[Made], ended: list[tuple[float, float]]) -> None:
        for call in calls:
            begun = time.perf_counter()
            await call()
            now = time.perf_counter()
            ended.append((now, (now - begun) * 1e6))

    async with transport.open(world, http, clients) as ready:
        calls = [
            [ready(number, ask) for ask in asks[number * each : (number + 1) * each]]
            for number in range(clients)
        ]
        async with asyncio.TaskGroup() as group:
            for mine, ended in zip(calls, ends, strict=True):
                group.create_task(client(mine, ended))
    return summary_of(ends, clients, each)


@asynccontextmanager
async def _over_postgresql(world: World, http: Served, clients: int) -> AsyncIterator[Ready]:
    async with AsyncWingmanClient.connect(
        world.url, min_size=clients, max_size=clients, retries=OFF
    ) as client:
        yield lambda _, ask: _call(client.as_user(ask.caller), ask)


@asynccontextmanager
async def _over_httpx(world: World, http: Served, clients: int) -> AsyncIterator[Ready]:
    async with AsyncWingmanClient.over_http(http.url, max_connections=clients, retries=OFF) as client:
        yield lambda _, ask: _call(client.with_token(http.token(ask.caller)), ask)


def _call(caller: object, ask: Ask) -> Made:
    method = getattr(caller, ask.function)
    without_key = {"idempotency_key": None} if ask.function == CONFIRM_FUNCTION else {}
    return lambda: method(**ask.arguments, **without_key)


@asynccontextmanager
async def _over_bare_http(world: World, http: Served, clients: int) -> AsyncIterator[Ready]:
    """Requests built beforehand, and answers of which only the status is read: the server's own pace."""
    where = urlsplit(http.url)
    async with AsyncExitStack() as stack:
        connections = []
        for _ in range(clients):
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            stack.callback(writer.close)
            connections.append((reader, writer))

        def ready(number: int, ask: Ask) -> Made:
            body = json.dumps(ask.arguments).encode()
            head = (
                f"POST /rest/v1/rpc/{ask.function} HTTP/1.1\r\nHost: {where.netloc}\r\n"
                f"Authorization: Bearer {http.token(ask.caller)}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            return lambda: _exchange(*connections[number], head.encode() + body)

        yield ready


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = _CONTENT_LENGTH.search(head)
    body = await reader.readexactly(int(length[1])) if length else b""
    if not head.startswith(b"HTTP/1.1 200 "):
        status, *_ = head.decode().splitlines()
        raise RunFailedError(f"{status}: {body.decode()}")


@contextmanager
def served(world: World, connections: int, package: Path | None = None) -> Iterator[Served]:
    """``wingman serve`` over a world; ``package`` is the place of another ``wingmanmatch`` that serves."""
    http = Served(f"http://{LOOPBACK}:{free_port()}", token_urlsafe(48))
    options = ["serve", f"--port={urlsplit(http.url).port}", f"--pool-size={connections}"]
    environment = {"WINGMAN_DATABASE_URL": world.url, "WINGMAN_JWT_SECRET": http.secret}
    command = "wingmanmatch.tools.cli"
    if package:
        environment["PYTHONPATH"] = str(package)
        # where the package as it was has it
        command = "wingmanmatch.cli"
    with listening(http, ["-c", f"from {command} import main; main()", *options], environment):
        yield http


@contextmanager
def listening(http: Served, arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A server, which is Python with these arguments, in a separate process.

    Raises:
        WorldError: it does not answer; with its output.
    """
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, **environment},
            stdout=subprocess.DEVNULL,
            stderr=log,
        ) as process,
    ):
        try:
            if not _is_up(http.url, process):
                log.seek(0)
                raise WorldError(f"A server did not start: {log.read().decode()}")
            yield
        finally:
            process.terminate()


def _is_up(url: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{url}/healthz") as answer:
                return bool(answer.status == 200)
        except URLError:
            time.sleep(0.02)
    return False


CONFIRM_FUNCTION: Final = "confirm_session_completion"


def _profiles(world: World, calls: int) -> list[Ask]:
    numbers = [number // CALLS_OF_EACH for number in range(world.callers, world.callers + calls)]
    world.callers += calls
    # far apart in the tables
    return [Ask(person_id(number * 7919 % world.kind.people), "get_profile", {}) for number in numbers]


def _confirmations(world: World, calls: int) -> list[Ask]:
    for name in CONFIRM.prepare:
        world.run(name, turn=world.turns, calls=calls)
    sessions = (
        UUID(md5(f"session {world.turns} {number}".encode(), usedforsecurity=False).hexdigest())
        for number in range(calls)
    )
    # half of them the first, half the second to confirm, as in bench/calls/confirm.sql
    return [
        Ask(person_id(2 * number + number % 2), CONFIRM_FUNCTION, {"session_id": str(session)})
        for number, session in enumerate(sessions)
    ]


PROFILE: Final = Operation("get_profile", _profiles)
OPERATIONS: Final = (
    PROFILE,
    Operation(CONFIRM_FUNCTION, _confirmations, CONFIRM.done),
)
READY_REQUESTS: Final = Transport("HTTP, requests made beforehand", _over_bare_http)
TRANSPORTS: Final = (
    Transport("the Python client over psycopg", _over_postgresql),
    READY_REQUESTS,
    Transport("the Python client over HTTP", _over_httpx),
)
