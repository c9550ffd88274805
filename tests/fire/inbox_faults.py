"""What is killed while inboxes are filled: readers, their backends, the server and ``wingman serve``.

A fault counts only if it hit a reader in the middle: after it had begun to write notifications, and before it
could commit, which the fate of its transaction proves.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from fire.inbox_listeners import Listener
from fire.machines import Database, Serve
from harness import OPERATOR, login_url
from serving import WINGMAN
from waiting import until

READER_KILLED = "reader killed"
TERMINATED = "reader's backend terminated by an operator"
BACKEND_KILLED = "reader's backend killed"
SERVER_KILLED = "server killed"
SERVE_KILLED = "wingman serve killed"
KILLS = (READER_KILLED, BACKEND_KILLED, SERVER_KILLED, SERVE_KILLED)
"""By SIGKILL."""
KINDS = (*KILLS, TERMINATED)
PATIENCE = 5.0
"""Seconds to wait for a reader in the middle of its work."""
ATTEMPTS = 5
"""How often a kind of fault is tried at the start if it does not hit."""
NAME = "reader"
# it has begun to write notifications, and not committed
_IN_THE_MIDDLE = """
    select a.pid, a.backend_xid::text, a.application_name
    from pg_stat_activity as a
    inner join pg_locks as l on l.pid = a.pid and l.relation = 'public.wingman_notifications'::regclass
    where a.application_name = any(%s) and a.backend_xid is not null
        and l.mode = 'RowExclusiveLock' and l.granted
"""


@dataclass(frozen=True)
class Caught:
    """A backend of a reader in the middle of its work."""

    pid: int
    xid: str
    application_name: str


class Readers:
    """Processes of ``wingman maintain --readers``, which a supervisor starts again whenever they end."""

    def __init__(self, database: Database, directory: Path, number: int = 2) -> None:
        self._url = login_url(database.url, OPERATOR)
        self._log = directory / "readers.log"
        self._names = count()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._number = number
        self.ended_alone = 0
        """How many ended by themselves: the server was away when they began."""

    def ensure(self) -> None:
        """Start those that are missing."""
        for name, process in [*self._processes.items()]:
            if process.poll() is not None:
                self.ended_alone += process.returncode != -signal.SIGKILL
                del self._processes[name]
        while len(self._processes) < self._number:
            name = f"{NAME}-{next(self._names)}"
            with self._log.open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    [WINGMAN, "maintain", "--readers", "--every", "0.1"],
                    env={**os.environ, "WINGMAN_DATABASE_URL": self._url, "PGAPPNAME": name},
                    stdout=log,
                    stderr=log,
                )

    @property
    def names(self) -> list[str]:
        """Of those that have been started last, as their connections have them."""
        return [*self._processes]

    def kill(self, name: str) -> bool:
        """SIGKILL; returns whether that ended it."""
        process = self._processes[name]
        process.kill()
        return process.wait() == -signal.SIGKILL

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()

    @property
    def tracebacks(self) -> int:
        """How many of them met something that they did not expect."""
        return self._log.read_text(errors="replace").count("Traceback") if self._log.exists() else 0


@dataclass
class InboxFaults:
    """Makes one fault after the other; readers and serve are up again before the next one."""

    database: Database
    serve: Serve
    readers: Readers
    listeners: Sequence[Listener]
    chance: random.Random
    weights: dict[str, int]
    tried: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Those that hit."""
    puzzles: list[str] = field(default_factory=list)
    """Who has not ended."""

    def run(self, is_over: Callable[[], bool]) -> None:
        """Make faults of all kinds until it is over, and until each has hit."""
        first = [*self.weights] * ATTEMPTS
        self.chance.shuffle(first)
        while True:
            first = [kind for kind in first if not self.seen[kind]]
            if not first and is_over():
                break
            (other,) = self.chance.choices([*self.weights], [*self.weights.values()])
            kind = first.pop() if first else other
            self.readers.ensure()
            self.tried[kind] += 1
            with suppress(psycopg.OperationalError):
                self.seen[kind] += self._make(kind)
        self.readers.ensure()

    @property
    def kills(self) -> int:
        """How many SIGKILLs have hit."""
        return sum(self.seen[kind] for kind in KILLS)

    def _make(self, kind: str) -> bool:
        """Make a fault; whether it hit."""
        if kind == SERVE_KILLED:
            return self._kill_serve()
        with self._connect() as db:
            caught = _catch(db, self.readers.names)
            if caught is None:
                return False
            if kind == TERMINATED:
                db.execute("select pg_terminate_backend(%s)", [caught.pid])
                is_done = True
            elif kind == READER_KILLED:
                is_done = self.readers.kill(caught.application_name)
            elif kind == BACKEND_KILLED:
                before = self.database.recoveries
                # it may have ended by itself just now
                with suppress(ProcessLookupError, TimeoutError):
                    os.kill(caught.pid, signal.SIGKILL)
                    until(lambda: self.database.recoveries > before)
                line = f"(PID {caught.pid}) was terminated by signal 9"
                is_done = any(line in one for one in self.database.log)
            else:
                before = self.database.recoveries
                with suppress(ProcessLookupError):
                    # it goes no further while the others are found
                    os.kill(caught.pid, signal.SIGSTOP)
                self.database.kill()
                is_done = self.database.recoveries > before
        return is_done and self._came_to_nothing(caught)

    def _came_to_nothing(self, caught: Caught) -> bool:
        """Whether the transaction that was open has not committed, once its backend has ended."""

        is_there = "select a::text from pg_stat_activity as a where pid = %s and application_name = %s"
        state: Any = None
        deadline = time.monotonic() + PATIENCE * 3
        while time.monotonic() < deadline:
            try:
                with self._connect() as db:
                    state = db.execute(is_there, [caught.pid, caught.application_name]).fetchone()
                    if state is None:
                        return fate(db, caught.xid) == "aborted"
            except psycopg.OperationalError as error:
                state = repr(error)
        self.puzzles.append(f"{caught}: {state}")
        return False

    def _kill_serve(self) -> bool:
        """In the moment in which somebody is told something, while people listen."""
        for listener in self.listeners:
            until(lambda one=listener: one.is_open)
        with self._connect() as db:
            newest = "select wingman.last_told()"
            before = db.execute(newest).fetchone()
            deadline = time.monotonic() + PATIENCE
            while db.execute(newest).fetchone() == before and time.monotonic() < deadline:
                pass
        cuts = [(one, one.cuts) for one in self.listeners]
        has_ended = self.serve.kill()
        for listener, number in cuts:
            until(lambda one=listener, number=number: one.cuts > number)
        self.serve.start()
        return has_ended

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[tuple[str]]]:
        with psycopg.connect(self.database.url, autocommit=True, connect_timeout=10) as connection:
            yield connection


def _catch(db: psycopg.Connection[tuple[str]], names: list[str]) -> Caught | None:
    """One of these readers that has begun to write notifications, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        row = db.execute(_IN_THE_MIDDLE, [names]).fetchone()
        if row:
            pid, xid, name = row
            return Caught(int(pid), xid, name)
    return None


def fate(db: psycopg.Connection[tuple[str]], xid: str) -> str:
    """Of a transaction that has ended: a crash may have left no trace of it, so that its number is unused."""
    try:
        row = db.execute("select pg_xact_status(%s::xid8)", [xid]).fetchone()
    except psycopg.errors.InvalidParameterValue:
        return "aborted"
    assert row is not None
    # if another one has its number now, this may tell that one's fate; only then it did not commit either
    return row[0]
