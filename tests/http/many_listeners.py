"""How soon many listeners hear what they are told, and what each of them takes. Run it by hand:

PYTHONPATH=tests:tests/http python tests/http/many_listeners.py --listeners 5000 --events 200 --seconds 12

It starts an embedded PostgreSQL, one ``wingman serve`` and one ``wingman maintain --readers``. Every listener
is a person; calls over PostgreSQL's protocol tell one of them something, so many times a second.
"""

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil
import psycopg
from harness import OPERATOR, login_url
from many_matches import match_many
from serving import SECRET, WINGMAN, claims_of, signed, wingman_serve
from waiting import until_in_loop
from wingmanmatch import AsyncWingmanClient
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.tools.bench.server import durable_settings


@dataclass(frozen=True)
class Figures:
    """What was measured."""

    listeners: int
    connecting_seconds: float
    memory_before: int
    """The bytes of the server's process."""
    memory_with_all: int
    memory_after: int
    events: int
    per_second: float
    waits: list[float]
    """How many seconds after the answer of the call that caused it each notification came, in order."""
    cpu: float
    """The server's share of one core meanwhile."""
    heard: Counter[tuple[str, str, str]]
    """How often each person has heard of what in which session."""
    due: Counter[tuple[str, str, str]]

    @property
    def bytes_each(self) -> float:
        """What a listener takes in the server."""
        return (max(self.memory_after, self.memory_with_all) - self.memory_before) / self.listeners

    def wait(self, share: float) -> int:
        """The milliseconds that this share of the notifications took at most."""
        return round(self.waits[min(int(len(self.waits) * share), len(self.waits) - 1)] * 1000)


class Listeners:
    """Connections to the server, and what came over them."""

    def __init__(self, url: str) -> None:
        where = urlsplit(url)
        self._where = where.hostname, where.port
        self.heard: dict[tuple[str, str, str], float] = {}
        """When."""
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.ready = 0

    async def listen(self, user_id: UUID) -> None:
        """Listen for as long as the task goes on."""
        reader, writer = await asyncio.open_connection(*self._where, limit=2**14)
        token = signed(claims_of(user_id))
        head = f"GET /api/notifications/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(head.encode())
        status = await reader.readline()
        assert b" 200 " in status, status
        while line := await reader.readline():
            if line == b"event: ready\n":
                self.ready += 1
            elif line.startswith(b'data: {"'):
                told = json.loads(line.removeprefix(b"data: "))
                key = str(user_id), str(told["session_id"]), str(told["kind"])
                self.heard.setdefault(key, time.perf_counter())
                self.counts[key] += 1


async def measure(stage: "Stage", events_each_second: int, seconds: int) -> Figures:
    """Let everybody listen, and then so many people be told something."""
    listeners, process = Listeners(stage.url), psutil.Process(stage.pid)
    before = process.memory_info().rss
    begun = time.perf_counter()
    users = [user for match in stage.matches for user in match[1:]]
    tasks = []
    for user in users:
        tasks.append(asyncio.create_task(listeners.listen(user)))
        await until_in_loop(lambda: len(tasks) - listeners.ready < 200)
    await until_in_loop(lambda: listeners.ready == len(users))
    connecting = time.perf_counter() - begun
    with_all = process.memory_info().rss
    soon = datetime.now(UTC) + timedelta(days=3)
    answered: dict[tuple[str, str, str], float] = {}
    matches = stage.matches[: events_each_second * seconds]
    async with AsyncWingmanClient.connect(stage.database_url, max_size=8) as client:

        async def arrange(match: Any, at: float) -> None:
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            session = await client.as_user(match[1]).create_session(match[0], soon, "Here")
            answered[str(match[2]), str(session.id), "session_scheduled"] = time.perf_counter()

        begun, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
        async with asyncio.TaskGroup() as calls:
            for number, match in enumerate(matches):
                calls.create_task(arrange(match, begun + number / events_each_second))
        took = time.perf_counter() - begun
    await until_in_loop(lambda: listeners.heard.keys() >= answered.keys())
    cpu = sum(process.cpu_times()[:2]) - cpu
    after = process.memory_info().rss
    for task in tasks:
        task.cancel()
    return Figures(
        len(users),
        connecting,
        before,
        with_all,
        after,
        len(matches),
        len(matches) / took,
        sorted(listeners.heard[key] - at for key, at in answered.items()),
        cpu / took,
        listeners.counts,
        Counter(answered.keys()),
    )


@dataclass(frozen=True)
class Stage:
    """What runs."""

    url: str
    pid: int
    database_url: str
    matches: list[Any]
    """The id of each match and of its two people."""


def staged(stack: ExitStack, superuser_url: str, listeners: int) -> Stage:
    """So many people in an empty database at head, each in a match, a server, and what fills the inboxes."""
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        matches = match_many(connection, listeners)
    reading = subprocess.Popen(
        [WINGMAN, "maintain", "--readers", "--every", "0.25"],
        env={**os.environ, "WINGMAN_DATABASE_URL": login_url(superuser_url, OPERATOR)},
        stdout=subprocess.DEVNULL,
    )
    stack.callback(reading.wait)
    stack.callback(reading.terminate)
    database_url = login_url(superuser_url, "authenticator")
    environment = {"WINGMAN_DATABASE_URL": database_url, "WINGMAN_JWT_SECRET": SECRET}
    process, url = stack.enter_context(wingman_serve(**environment))
    log = process.stderr
    assert log
    reader = threading.Thread(target=lambda: [None for _ in log], daemon=True)
    reader.start()
    # its pipe is closed only once everything has been read
    stack.callback(reader.join)
    stack.callback(process.kill)
    return Stage(url, process.pid, database_url, matches)


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listeners", type=int, default=5000)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=12)
    given = parser.parse_args()
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(embedded_server(Path(directory, "data"), settings=durable_settings()))
        upgrade(server.url())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(f"create role {OPERATOR} login in role wingman_admin")
        stage = staged(stack, server.url(), given.listeners)
        figures = asyncio.run(measure(stage, given.events, given.seconds))
    print(f"{figures.listeners} listeners within {figures.connecting_seconds:.1f} s")
    print(
        f"memory: {figures.memory_before >> 20} MiB before, {figures.memory_with_all >> 20} MiB with all of"
        f" them, {figures.memory_after >> 20} MiB afterwards: {figures.bytes_each:.0f} bytes each"
    )
    print(
        f"{figures.events} events, {figures.per_second:.0f}/s; from commit to client: median"
        f" {figures.wait(0.5)} ms, p95 {figures.wait(0.95)} ms, p99 {figures.wait(0.99)} ms,"
        f" longest {figures.wait(1)} ms; the server took {figures.cpu:.0%} of a core"
    )
    is_exact = figures.heard == figures.due
    print("Everybody has heard what they were told, once" if is_exact else "SOMETHING IS LOST, OR CAME TWICE")


if __name__ == "__main__":
    main()
