"""What is killed while inboxes are filled: readers, their backends, the server and ``wingman serve``.

A fault counts only if it hit a reader in the middle: after it had begun to write notifications, and before it
could commit, which the fate of its transaction proves.
"""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from fire.inbox_listeners import Listener
from fire.killing import PATIENCE, FaultMaker, Supervised, fate, soon
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


class Readers(Supervised):
    """Processes of ``wingman maintain --readers``."""

    name = "reader"
    signs = ("Traceback",)

    def __init__(self, database: Database, directory: Path) -> None:
        super().__init__(directory, 2)
        self._url = login_url(database.url, OPERATOR)

    def command(self, name: str) -> tuple[Sequence[str], Mapping[str, str]]:
        arguments = [WINGMAN, "maintain", "--readers", "--every", "0.1"]
        return arguments, {"WINGMAN_DATABASE_URL": self._url, "PGAPPNAME": name}


@dataclass(kw_only=True)
class InboxFaults(FaultMaker):
    """Hits readers and serve, which is up again before the next fault, too."""

    killing = KILLS

    serve: Serve
    listeners: Sequence[Listener]

    def make(self, kind: str) -> bool:
        if kind == SERVE_KILLED:
            return self._kill_serve()
        with self.connect() as db:
            caught = _catch(db, self.processes.names)
            if caught is None:
                return False
            if kind == TERMINATED:
                db.execute("select pg_terminate_backend(%s)", [caught.pid])
                is_done = True
            elif kind == READER_KILLED:
                is_done = self.processes.kill(caught.application_name)
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
                with self.connect() as db:
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
        with self.connect() as db:
            newest = "select wingman.last_told()"
            before = db.execute(newest).fetchone()
            soon(lambda: db.execute(newest).fetchone() != before)
        cuts = [(one, one.cuts) for one in self.listeners]
        has_ended = self.serve.kill()
        for listener, number in cuts:
            until(lambda one=listener, number=number: one.cuts > number)
        self.serve.start()
        return has_ended


def _catch(db: psycopg.Connection[Any], names: list[str]) -> Caught | None:
    """One of these readers that has begun to write notifications, as soon as there is one."""
    row = soon(lambda: db.execute(_IN_THE_MIDDLE, [names]).fetchone())
    if row is None:
        return None
    pid, xid, name = row
    return Caught(int(pid), xid, name)
