"""What is killed while people are told outside: workers, their backends and the server; and who is away.

A kill counts only if messages were claimed, and the claims were left behind.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import psycopg
from fire.delivery_process import Part
from fire.delivery_receivers import Receivers
from fire.delivery_rules import CRASHES, SERVER_KILLED, SERVER_STOPPED, Fault
from fire.inbox_faults import ATTEMPTS, PATIENCE, fate
from fire.machines import Database
from waiting import until

SENDING_KILLED = "worker killed between sending and settling"
WORKER_KILLED = "worker killed with claims"
KILLS = (SENDING_KILLED, WORKER_KILLED, SERVER_KILLED, SERVER_STOPPED)
TERMINATED = "worker's backend terminated by an operator"
PAUSED = "worker stopped until its claims had lapsed"
ENDED = "worker ended by SIGTERM"
MAIL_AWAY = "mail server away"
KINDS = (*KILLS, TERMINATED, PAUSED, ENDED, MAIL_AWAY)
LONGEST_WAIT = 0.05
"""Seconds from the moment at which a worker is found with a claim to its kill, at most."""
LAPSED_SECONDS = 45.0
"""Who stands still in a transaction holds its claims until the server ends that, within 30 seconds."""
SENDING = ("email", "web_push", "webhook")

_SURPRISES = ("Traceback", "an attempt has failed", "a result was refused", "a task has failed")
_HELD = """
    select c.login, d.token::text
    from wingman.notification_deliveries as d
    inner join fire.changes as c on c.after ->> 'token' = d.token::text
    where d.state = 'claimed' and c.login = any(%s)
"""
_WRITING = """
    select pid, backend_xid::text, application_name from pg_stat_activity
    where application_name = any(%s) and backend_xid is not null and state = 'active'
"""
_AWAY = """
    select from fire.changes
    where relation = 'notification_deliveries' and made_at > %s and after ->> 'channel' = 'email'
        and after ->> 'last_error' in
            ('connection_refused', 'connection_failed', 'connection_lost', 'smtp_failed')
"""


class Workers:
    """Processes that a supervisor starts again whenever they end."""

    def __init__(self, part: Part, directory: Path, number: int = 3) -> None:
        self._part = part
        self._log = directory / "workers.log"
        self._names = count()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._number = number
        self.ended_alone = 0
        """How many ended by themselves: the server was away when they began."""

    def ensure(self) -> None:
        """Start those that are missing."""
        for name, process in [*self._processes.items()]:
            if process.poll() is not None:
                self.ended_alone += process.returncode == 1
                del self._processes[name]
        while len(self._processes) < self._number:
            part = replace(self._part, name=f"worker-{next(self._names)}")
            with self._log.open("ab") as log:
                self._processes[part.name] = subprocess.Popen(
                    [sys.executable, "-m", "fire.delivery_process"],
                    env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **part.variables},
                    stderr=log,
                )

    @property
    def names(self) -> list[str]:
        """Of those that have been started last, as their connections have them."""
        return [*self._processes]

    def kill(self, name: str) -> bool:
        """SIGKILL; returns whether that ended it."""
        process = self._processes.get(name)
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return process.wait() == -signal.SIGKILL

    def send(self, name: str, number: signal.Signals) -> None:
        self._processes[name].send_signal(number)

    def end(self, name: str) -> int:
        """SIGTERM; the exit status."""
        self.send(name, signal.SIGTERM)
        return self._processes[name].wait(30)

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()

    @property
    def surprises(self) -> list[str]:
        """What they have met that they did not expect."""
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        return [line for line in log.splitlines() if any(sign in line for sign in _SURPRISES)]


@dataclass
class DeliveryFaults:
    """Makes one fault after the other."""

    database: Database
    workers: Workers
    receivers: Receivers
    chance: random.Random
    weights: dict[str, int]
    tried: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Those that hit."""
    made: list[Fault] = field(default_factory=list)
    puzzles: list[str] = field(default_factory=list)
    """Who has not ended as it should."""

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
            self.workers.ensure()
            self.tried[kind] += 1
            with suppress(psycopg.OperationalError):
                self.seen[kind] += self._make(kind)
        self.workers.ensure()

    @property
    def kills(self) -> int:
        """How many have hit."""
        return sum(self.seen[kind] for kind in KILLS)

    def _make(self, kind: str) -> bool:
        """Make a fault; whether it hit."""
        match kind:
            case "worker killed between sending and settling":
                return self._kill_sending()
            case "mail server away":
                return self._take_mail_away()
            case "worker's backend terminated by an operator":
                return self._terminate()
        with self._connect() as db:
            held = _held(db, self.workers.names)
            if not held:
                return False
            name = self.chance.choice(sorted(held))
            if kind in CRASHES:
                return self._break_server(kind)
            if kind == PAUSED:
                return self._pause(db, name)
            with self._noted(kind, name):
                if kind == ENDED:
                    status = self.workers.end(name)
                    left = _held_now(db, [name]).get(name, ())
                    # of what was claimed when a connection broke it was never told
                    if left and not self._has_been_cut_off(name):
                        self.puzzles.append(f"{name} ended with {status} and left {left} behind")
                    return status == 0
                # not always just after its claim
                time.sleep(self.chance.uniform(0, LONGEST_WAIT))
                is_done = self.workers.kill(name)
            return is_done and bool(_held_now(db, [name]))

    def _has_been_cut_off(self, name: str) -> bool:
        """Whether a worker has lost connections to the database so recently that claims may be left of it."""
        since = datetime.now(UTC) - timedelta(seconds=10)
        return any(
            fault.kind in (*CRASHES, TERMINATED) and fault.worker in (None, name) and fault.ended_at > since
            for fault in self.made
        )

    def _kill_sending(self) -> bool:
        channel = self.chance.choice([*SENDING, *[None] * len(SENDING)])
        with self._noted(SENDING_KILLED, None) as note:

            def kill(name: str) -> bool:
                is_done = self.workers.kill(name)
                note(name)
                return is_done

            with self.receivers.killing(kill, channel) as killed:
                is_done = killed.wait(PATIENCE)
        if not is_done:
            return False
        with self._connect() as db:
            return bool(_held_now(db, [self.made[-1].worker or ""]))

    def _break_server(self, kind: str) -> bool:
        before = self.database.recoveries
        with self._noted(kind, None) as note:
            note(None)
            if kind == SERVER_KILLED:
                self.database.kill()
            else:
                self.database.stop_at_once()
        return self.database.recoveries > before

    def _pause(self, db: psycopg.Connection[tuple[str, str]], name: str) -> bool:
        tokens: set[str] = set()

        def have_lapsed() -> bool:
            # without another worker nobody notices
            self.workers.ensure()
            return not tokens & {*_held_now(db, [name]).get(name, ())}

        with self._noted(PAUSED, name):
            self.workers.send(name, signal.SIGSTOP)
            try:
                tokens |= {*_held_now(db, [name]).get(name, ())}
                deadline = time.monotonic() + LAPSED_SECONDS
                while not have_lapsed():
                    if time.monotonic() > deadline:
                        self.puzzles.append(f"{name} was stopped, and its claims have not lapsed: {tokens}")
                        break
            finally:
                self.workers.send(name, signal.SIGCONT)
        return bool(tokens)

    def _terminate(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        with self._connect() as db:
            row = None
            while row is None and time.monotonic() < deadline:
                row = db.execute(_WRITING, [self.workers.names]).fetchone()
            if row is None:
                return False
            pid, xid, name = row
            with self._noted(TERMINATED, name), suppress(ProcessLookupError):
                # it goes no further meanwhile
                os.kill(int(pid), signal.SIGSTOP)
                db.execute("select pg_terminate_backend(%s)", [int(pid)])
                os.kill(int(pid), signal.SIGCONT)
            is_there = "select from pg_stat_activity where pid = %s and application_name = %s"
            until(lambda: not db.execute(is_there, [pid, name]).rowcount)
            return fate(db, xid) == "aborted"

    def _take_mail_away(self) -> bool:
        with self._connect() as db, self._noted(MAIL_AWAY, None) as note:
            note(None)
            began = datetime.now(UTC)
            with self.receivers.without_mail(), suppress(TimeoutError):
                until(lambda: db.execute(_AWAY, [began]).rowcount)
            return bool(db.execute(_AWAY, [began]).rowcount)

    @contextmanager
    def _noted(self, kind: str, worker: str | None) -> Iterator[Callable[[str | None], None]]:
        """Note the fault; None for everybody has to be said."""
        began = datetime.now(UTC)
        hit: list[str | None] = [worker] if worker else []
        try:
            yield hit.append
        finally:
            self.made += [Fault(kind, name, began, datetime.now(UTC)) for name in hit]

    @contextmanager
    def _connect(self) -> Iterator[psycopg.Connection[tuple[str, str]]]:
        with psycopg.connect(self.database.url, autocommit=True, connect_timeout=10) as connection:
            yield connection


def _held(db: psycopg.Connection[tuple[str, str]], names: list[str]) -> dict[str, list[str]]:
    """The claims of each of these workers, as soon as there are any."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if held := _held_now(db, names):
            return held
    return {}


def _held_now(db: psycopg.Connection[tuple[str, str]], names: list[str]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for name, token in db.execute(_HELD, [names]).fetchall():
        held.setdefault(name, []).append(token)
    return held
