"""What is killed while people are told outside: workers, their backends and the server; and who is away.

A kill counts only if messages were claimed, and the claims were left behind.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from fire.delivery_process import Part
from fire.delivery_receivers import Receivers
from fire.delivery_rules import CRASHES, SERVER_KILLED, SERVER_STOPPED, Fault
from fire.killing import PATIENCE, FaultMaker, Supervised, fate, soon
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


class Workers(Supervised):
    """Processes of ``wingman deliver``."""

    name = "worker"
    signs = ("Traceback", "an attempt has failed", "a result was refused", "a task has failed")

    def __init__(self, part: Part, directory: Path) -> None:
        super().__init__(directory, 3)
        self._part = part

    def command(self, name: str) -> tuple[Sequence[str], Mapping[str, str]]:
        variables = replace(self._part, name=name).variables
        arguments = [sys.executable, "-m", "fire.delivery_process"]
        return arguments, {"PYTHONPATH": os.pathsep.join(sys.path), **variables}


@dataclass(kw_only=True)
class DeliveryFaults(FaultMaker):
    """Hits workers, the server and the mail server."""

    killing = KILLS

    receivers: Receivers
    made: list[Fault] = field(default_factory=list)

    def make(self, kind: str) -> bool:
        match kind:
            case "worker killed between sending and settling":
                return self._kill_sending()
            case "mail server away":
                return self._take_mail_away()
            case "worker's backend terminated by an operator":
                return self._terminate()
        with self.connect() as db:
            held = soon(lambda: _held_now(db, self.processes.names))
            if not held:
                return False
            name = self.chance.choice(sorted(held))
            if kind in CRASHES:
                return self._break_server(kind)
            if kind == PAUSED:
                return self._pause(db, name)
            with self._noted(kind, name):
                if kind == ENDED:
                    status = self.processes.end(name)
                    left = _held_now(db, [name]).get(name, ())
                    # of what was claimed when a connection broke it was never told
                    if left and not self._has_been_cut_off(name):
                        self.puzzles.append(f"{name} ended with {status} and left {left} behind")
                    return status == 0
                # not always just after its claim
                time.sleep(self.chance.uniform(0, LONGEST_WAIT))
                is_done = self.processes.kill(name)
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
                is_done = self.processes.kill(name)
                note(name)
                return is_done

            with self.receivers.killing(kill, channel) as killed:
                is_done = killed.wait(PATIENCE)
        if not is_done:
            return False
        with self.connect() as db:
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

    def _pause(self, db: psycopg.Connection[Any], name: str) -> bool:
        tokens: set[str] = set()

        def have_lapsed() -> bool:
            # without another worker nobody notices
            self.processes.ensure()
            return not tokens & {*_held_now(db, [name]).get(name, ())}

        with self._noted(PAUSED, name):
            self.processes.send(name, signal.SIGSTOP)
            try:
                tokens |= {*_held_now(db, [name]).get(name, ())}
                deadline = time.monotonic() + LAPSED_SECONDS
                while not have_lapsed():
                    if time.monotonic() > deadline:
                        self.puzzles.append(f"{name} was stopped, and its claims have not lapsed: {tokens}")
                        break
            finally:
                self.processes.send(name, signal.SIGCONT)
        return bool(tokens)

    def _terminate(self) -> bool:
        with self.connect() as db:
            row = soon(lambda: db.execute(_WRITING, [self.processes.names]).fetchone())
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
        with self.connect() as db, self._noted(MAIL_AWAY, None) as note:
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


def _held_now(db: psycopg.Connection[Any], names: list[str]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for name, token in db.execute(_HELD, [names]).fetchall():
        held.setdefault(name, []).append(token)
    return held
