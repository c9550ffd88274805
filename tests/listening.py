"""Somebody who listens to a stream, in a thread, and what tests let people be told."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from harness import Connection
from serving import bearer

PATH = "/api/notifications/stream"
_DEADLINE_SECONDS = 15.0
_events = count(10**12)


@dataclass
class Ear:
    """A client of a stream, and what it has heard."""

    connection: HTTPConnection
    status: int
    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)
    """With the keys id, event and data, except heartbeats, which are counted."""
    heartbeats: int = 0
    is_over: bool = False
    """Whether the stream has ended."""
    was_cut: bool = False
    """Whether it has ended without the last chunk."""
    body: bytes = b""
    """What came instead of a stream."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def notifications(self) -> list[dict[str, Any]]:
        """The data of all notifications, in the order in which they came."""
        return [one["data"] for one in self.messages if one["event"] == "notification"]

    @property
    def ids(self) -> list[str]:
        """Their ids."""
        return [one["id"] for one in self.messages if one["event"] == "notification"]

    @property
    def ready_id(self) -> str:
        """From where a reconnect would go on, as the first message says."""
        first = self.messages[0]
        assert first["event"] == "ready"
        return str(first["id"])

    def until(self, happens: Callable[["Ear"], Any]) -> None:
        """Return once it does. Raises TimeoutError: it never did."""
        with self.changed:
            if not self.changed.wait_for(lambda: happens(self), _DEADLINE_SECONDS):
                raise TimeoutError(f"{len(self.messages)} messages, over: {self.is_over}")

    def hears(self, number: int) -> list[dict[str, Any]]:
        """Wait for so many notifications."""
        self.until(lambda ear: len(ear.notifications) >= number)
        return self.notifications

    def close(self) -> None:
        """Go away, as a client does whose process ends."""
        if self.connection.sock is not None:
            with suppress(OSError):
                self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.until(lambda ear: ear.is_over)


@contextmanager
def listening(url: str, token: str | None, after: str | UUID | None = None, **headers: str) -> Iterator[Ear]:
    """Somebody listens, from the first message or the refusal on."""
    where = urlsplit(url)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=_DEADLINE_SECONDS * 2)
    sent = {**(bearer(token) if token else {}), **headers}
    if after is not None:
        sent["Last-Event-ID"] = str(after)
    connection.request("GET", PATH, headers=sent)
    answer = connection.getresponse()
    ear = Ear(connection, answer.status, {name.lower(): value for name, value in answer.getheaders()})
    if ear.status != 200:
        ear.body, ear.is_over = answer.read(), True
        yield ear
        connection.close()
        return
    # it would close the connection that the answer still needs
    sock = connection.sock
    thread = threading.Thread(target=_read, args=(answer, ear), daemon=True)
    thread.start()
    try:
        ear.until(lambda ear: ear.messages or ear.is_over)
        yield ear
    finally:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        thread.join(_DEADLINE_SECONDS)
        connection.close()


def _read(answer: Any, ear: Ear) -> None:
    fields: dict[str, Any] = {}
    try:
        while line := answer.readline():
            text = line.decode().removesuffix("\n")
            with ear.changed:
                if text == ":":
                    ear.heartbeats += 1
                elif text:
                    name, _, value = text.partition(": ")
                    fields[name] = json.loads(value) if name == "data" else value
                elif fields:
                    ear.messages.append(fields)
                    fields = {}
                ear.changed.notify_all()
    except (OSError, HTTPException, ValueError):
        ear.was_cut = True
    with ear.changed:
        ear.is_over = True
        ear.changed.notify_all()


def tell(db: Connection, *users: UUID, kind: str = "matching_paused") -> list[str]:
    """Tell each of these people something, all in one transaction; the ids in the order of their telling."""
    with db.transaction():
        db.execute("select from wingman.inbox_clock for update")
        before = last_told(db)
        db.execute(
            "select wingman.tell(array("
            " select"
            " row(n.user_id, null, %s, n.event_id, null, null, null, null, null, false)::wingman.notice"
            " from unnest(%s::uuid[], %s::bigint[]) as n (user_id, event_id)))",
            [kind, [*users], [next(_events) for _ in users]],
        )
        rows = db.execute(
            "select id::text from public.wingman_notifications where id > %s order by id", [before]
        ).fetchall()
    return [row["id"] for row in rows]


def last_told(db: Connection) -> str:
    """The id of the newest notification."""
    row = db.execute("select wingman.last_told()::text as id").fetchone()
    assert row is not None
    return str(row["id"])
