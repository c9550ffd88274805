"""How soon webhooks come, at which pace each channel sends, and what a worker takes. Run it by hand:

PYTHONPATH=tests:tests/deliver python tests/deliver/many_deliveries.py

It starts an embedded PostgreSQL, ``wingman maintain --readers`` and, for each measurement, one
``wingman deliver``; first calls over PostgreSQL's protocol cause so many notifications a second, then the
worker meets a backlog. The other sides are in this process, and take everything at once.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
from channels.outbox import add_address
from harness import OPERATOR, WORKER, login_url
from many_matches import match_many
from psycopg.rows import dict_row
from receivers import Authority
from rich.console import Console
from rich.table import Table
from serving import WINGMAN
from sinks import http_sink, mail_sink
from targets import add_browser, add_webhook, tell_of_it
from waiting import until_in_loop
from wingmanmatch import AsyncWingmanClient
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.tools.bench.server import durable_settings

_PAGE = 1000
_PUSH_HOST = "fcm.googleapis.com"
_DEADLINE_SECONDS = 3600.0
_SENT = "select count(*) as count from wingman.notification_deliveries where state = 'sent' and channel = %s"


@dataclass
class Arrivals:
    """When each message came."""

    at: dict[str, float] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, message_id: str, at: float) -> None:
        """One has come."""
        self.at.setdefault(message_id, at)
        self.counts[message_id] += 1


@dataclass(frozen=True)
class Waits:
    """How many seconds after the answer of the call that caused it each message came."""

    seconds: list[float]
    per_second: float

    def at_most(self, share: float) -> int:
        """The milliseconds that this share of the messages took at most."""
        ordered = sorted(self.seconds)
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000)


@dataclass(frozen=True)
class Drained:
    """What became of a backlog."""

    channel: str
    messages: int
    seconds: float
    memory_before: int
    memory_most: int
    """The bytes of the worker's process, before and at its most."""
    cpu: float
    """The worker's share of one core."""
    is_exact: bool
    """Whether each message came once."""


@dataclass(frozen=True)
class Stage:
    """What there is."""

    url: str
    """The database's, for a superuser."""
    matches: list[Any]
    """The id of each match and of its two people."""

    @property
    def users(self) -> list[UUID]:
        """All people."""
        return [user for match in self.matches for user in match[1:]]


def staged(url: str, people: int) -> Stage:
    """So many people in an empty database at head, each in a match, and logins."""
    with psycopg.connect(url, autocommit=True) as connection:
        for login, role in ((OPERATOR, "wingman_admin"), (WORKER, "wingman_worker")):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [login]).fetchone():
                connection.execute(f"create role {login} login in role {role}")
        matches = match_many(connection, people)
    return Stage(url, matches)


@contextmanager
def reading(stage: Stage, every: float) -> Iterator[None]:
    """What fills the inboxes."""
    with subprocess.Popen(
        [WINGMAN, "maintain", "--readers", "--every", str(every)],
        env={**os.environ, "WINGMAN_DATABASE_URL": login_url(stage.url, OPERATOR)},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def delivering(stage: Stage, environment: Mapping[str, str], *command: str) -> Iterator[psutil.Process]:
    """A worker, from its first line on."""
    with subprocess.Popen(
        command,
        env={**os.environ, "WINGMAN_DATABASE_URL": login_url(stage.url, WORKER), **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        log = process.stderr
        said = log.readline()
        assert "Delivering" in said, said
        reader = threading.Thread(
            target=lambda: [print(line, end="") for line in log if '"warning"' in line or '"error"' in line],
            daemon=True,
        )
        reader.start()
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()
            reader.join()


async def waits(stage: Stage, events_each_second: int, seconds: int) -> Waits:
    """Let so many things happen, each of which one person is told of; how soon the webhook comes."""
    arrivals = Arrivals()
    server, port = await http_sink(b"webhook-id", arrivals.note)
    with psycopg.connect(stage.url, autocommit=True, row_factory=dict_row) as db:
        add_webhook(db, f"http://127.0.0.1:{port}/")
    soon = datetime.now(UTC) + timedelta(days=3)
    answered: dict[str, float] = {}
    matches = stage.matches[: events_each_second * seconds]
    async with (
        server,
        AsyncWingmanClient.connect(login_url(stage.url, "authenticator"), max_size=8) as client,
    ):
        with reading(stage, 0.1), delivering(stage, {}, WINGMAN, "deliver", "--channel", "webhook"):

            async def arrange(match: Any, at: float) -> None:
                await asyncio.sleep(max(0.0, at - time.perf_counter()))
                session = await client.as_user(match[1]).create_session(match[0], soon, "Here")
                answered[str(session.id)] = time.perf_counter()

            begun = time.perf_counter()
            async with asyncio.TaskGroup() as calls:
                for number, match in enumerate(matches):
                    calls.create_task(arrange(match, begun + number / events_each_second))
            took = time.perf_counter() - begun
            await until_in_loop(lambda: len(arrivals.at) >= len(matches))
    with psycopg.connect(stage.url, autocommit=True) as connection:
        rows = connection.execute(
            "select d.id::text, w.session_id::text from wingman.notification_deliveries as d"
            " inner join public.wingman_notifications as w on w.id = d.notification_id"
        ).fetchall()
        forget_deliveries(connection)
    assert set(arrivals.counts.values()) == {1}, "something came twice"
    assert len(rows) == len(matches), "something is lost"
    return Waits([arrivals.at[message] - answered[session] for message, session in rows], len(matches) / took)


async def drained(stage: Stage, channel: str, messages: int) -> Drained:
    """Let a worker send so many messages that have waited for it."""
    arrivals, authority = Arrivals(), Authority()
    server, environment, command = await _sink(channel, arrivals, authority)
    with psycopg.connect(stage.url, autocommit=True, row_factory=dict_row) as db:
        add_targets(db, stage, channel, environment)
        users = stage.users
        for start in range(0, messages, _PAGE):
            page = range(start, min(start + _PAGE, messages))
            await asyncio.to_thread(tell_of_it, db, *(users[number % len(users)] for number in page))
        db.execute("analyze")
        async with server:
            begun = time.perf_counter()
            with delivering(stage, environment, *command) as worker:
                before = most = worker.memory_info().rss
                async with asyncio.timeout(_DEADLINE_SECONDS):
                    while len(arrivals.at) < messages:
                        most = max(most, worker.memory_info().rss)
                        await asyncio.sleep(0.1)
                took = time.perf_counter() - begun
                cpu = sum(worker.cpu_times()[:2]) / took
        sent = db.execute(_SENT, [channel]).fetchone()
        assert sent
        is_exact = set(arrivals.counts.values()) == {1} and sent["count"] == len(arrivals.at) == messages
        forget_deliveries(db)
    return Drained(channel, messages, took, before, most, cpu, is_exact)


def forget_deliveries(db: psycopg.Connection[Any]) -> None:
    """Leave no messages, and nowhere to send any."""
    for table in ("notification_deliveries", "webhooks", "email_addresses", "push_subscriptions"):
        db.execute(f"delete from wingman.{table}")
    db.execute("vacuum wingman.notification_deliveries")


async def _sink(
    channel: str, arrivals: Arrivals, authority: Authority
) -> tuple[asyncio.Server, dict[str, str], list[str]]:
    """The other side of a channel, and how a worker finds it."""
    if channel == "webhook":
        server, port = await http_sink(b"webhook-id", arrivals.note)
        return server, {"HOOK_PORT": str(port)}, [WINGMAN, "deliver", "--channel", "webhook"]
    if channel == "email":
        server, port = await mail_sink(arrivals.note)
        mail = {
            "WINGMAN_SMTP_URL": f"smtp://127.0.0.1:{port}?starttls=never",
            "WINGMAN_MAIL_FROM": "hello@wingman.test",
            "WINGMAN_APP_URL": "https://app.wingman.test",
            "WINGMAN_PUBLIC_URL": "https://api.wingman.test",
            "WINGMAN_LINK_KEY": "a key for links that is long enough",
        }
        return server, mail, [WINGMAN, "deliver", "--channel", "email"]
    server, port = await http_sink(b"topic", arrivals.note, authority.server_context(_PUSH_HOST))
    push = {
        "PUSH_PORT": str(port),
        "PUSH_CA": authority.pem,
        "WINGMAN_VAPID_KEY": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE",
        "WINGMAN_VAPID_CONTACT": "mailto:push@wingman.test",
    }
    return server, push, [sys.executable, str(Path(__file__).with_name("push_process.py"))]


def add_targets(db: Any, stage: Stage, channel: str, environment: Mapping[str, str]) -> None:
    """Let the people be told by a channel."""
    if channel == "webhook":
        add_webhook(db, f"http://127.0.0.1:{environment['HOOK_PORT']}/")
        return
    for number, user in enumerate(stage.users):
        if channel == "email":
            add_address(db, user, f"user{number}@example.com")
        else:
            add_browser(db, user, _PUSH_HOST)


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--webhooks", type=int, default=100_000)
    parser.add_argument("--mail", type=int, default=10_000)
    parser.add_argument("--pushes", type=int, default=10_000)
    given = parser.parse_args()
    backlogs = {"webhook": given.webhooks, "email": given.mail, "web_push": given.pushes}
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(embedded_server(Path(directory, "data"), settings=durable_settings()))
        upgrade(server.url())
        stage = staged(server.url(), given.people)
        soon = asyncio.run(waits(stage, given.events, given.seconds))
        print(
            f"{len(soon.seconds)} events, {soon.per_second:.0f}/s; from commit to webhook: median"
            f" {soon.at_most(0.5)} ms, p95 {soon.at_most(0.95)} ms, p99 {soon.at_most(0.99)} ms,"
            f" longest {soon.at_most(1)} ms"
        )
        done = [asyncio.run(drained(stage, channel, count)) for channel, count in backlogs.items() if count]
    table = Table("backlog", "messages", "seconds", "each second", "memory", "at most", "CPU", "once each")
    for one in done:
        table.add_row(
            one.channel,
            f"{one.messages:,}",
            f"{one.seconds:.1f}",
            f"{one.messages / one.seconds:.0f}",
            f"{one.memory_before >> 20} MiB",
            f"{one.memory_most >> 20} MiB",
            f"{one.cpu:.0%}",
            "yes" if one.is_exact else "NO",
        )
    Console().print(table)


if __name__ == "__main__":
    main()
