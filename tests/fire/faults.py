"""The faults, from a seed. A fault counts only if it was seen to hit."""

import asyncio
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psycopg
from fire.history import History
from fire.machines import Database, Serve

BACKEND_KILLED = "backend killed"
SERVER_KILLED = "server killed"
SERVER_STOPPED = "server stopped at once"
CALL_CANCELLED = "call cancelled by an operator"
CALL_TIMED_OUT = "statement timeout"
SERVE_KILLED = "wingman serve killed"
PATIENCE = 5.0
"""Seconds to wait for a call that can be hit."""
_SENT = re.compile(r"(\d+)\.(\d+) (\d+) ")
_KILLED = re.compile(r"\(PID (\d+)\) was terminated by signal 9")


@dataclass(frozen=True)
class Pace:
    """How many seconds pass between two faults of a kind, on average."""

    backend_killed: float = 8.0
    server_killed: float = 20.0
    server_stopped: float = 30.0
    call_cancelled: float = 0.5
    rows_locked: float = 2.0
    serve_killed: float = 20.0


@dataclass
class Faults:
    """Makes faults until it is told to stop."""

    database: Database
    serve: Serve
    history: History
    seed: str
    pace: Pace
    tried: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Those whose effect was seen at once."""
    _killed: list[int] = field(default_factory=list)
    """The backends that were killed."""
    _cancelled: list[tuple[int, float]] = field(default_factory=list)
    """The backends that were told to cancel their statement, and when."""
    _server: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by whoever kills the server, until it is back."""

    async def run(self, is_over: Callable[[], bool]) -> None:
        """Make faults of all kinds until it is over; then server and serve are up."""
        kinds: dict[str, tuple[float, Callable[[random.Random], Awaitable[None]]]] = {
            BACKEND_KILLED: (self.pace.backend_killed, self._kill_backend),
            SERVER_KILLED: (self.pace.server_killed, self._kill_server),
            SERVER_STOPPED: (self.pace.server_stopped, self._stop_server),
            CALL_CANCELLED: (self.pace.call_cancelled, self._cancel_call),
            CALL_TIMED_OUT: (self.pace.rows_locked, self._lock_rows),
            SERVE_KILLED: (self.pace.serve_killed, self._kill_serve),
        }
        async with asyncio.TaskGroup() as group:
            for kind, (seconds, make) in kinds.items():
                group.create_task(self._repeat(kind, seconds, make, is_over))

    async def _repeat(
        self,
        kind: str,
        seconds: float,
        make: Callable[[random.Random], Awaitable[None]],
        is_over: Callable[[], bool],
    ) -> None:
        chance = random.Random(f"{self.seed} {kind}")
        # even a short run has one of each kind
        due = time.monotonic() + chance.uniform(0.3, 0.9) * seconds
        while not is_over():
            if time.monotonic() < due:
                await asyncio.sleep(0.01)
                continue
            with suppress(psycopg.OperationalError):
                await make(chance)
            due = time.monotonic() + min(chance.expovariate(1 / seconds), 3 * seconds)

    async def _kill_backend(self, chance: random.Random) -> None:
        async with self._server:
            async with await self._connect() as connection:
                pid = await _pick(connection, chance)
            if pid:
                self.tried[BACKEND_KILLED] += 1
                self._killed.append(pid)
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    async def _kill_server(self, _chance: random.Random) -> None:
        await self._break_server(SERVER_KILLED, self.database.kill)

    async def _stop_server(self, _chance: random.Random) -> None:
        await self._break_server(SERVER_STOPPED, self.database.stop_at_once)

    async def _break_server(self, kind: str, end: Callable[[], None]) -> None:
        async with self._server:
            self.tried[kind] += 1
            before, in_flight = self.database.recoveries, self.history.in_flight()
            await asyncio.to_thread(end)
            # it hits if calls are under way, and the server has to recover
            self.seen[kind] += in_flight > 0 and self.database.recoveries > before

    async def _kill_serve(self, _chance: random.Random) -> None:
        self.tried[SERVE_KILLED] += 1
        in_flight = self.history.in_flight("http")
        has_ended = await asyncio.to_thread(self.serve.kill)
        self.seen[SERVE_KILLED] += has_ended and in_flight > 0
        await asyncio.to_thread(self.serve.start)

    async def _cancel_call(self, chance: random.Random) -> None:
        async with await self._connect() as connection:
            pid = await _pick(connection, chance)
            if pid:
                self.tried[CALL_CANCELLED] += 1
                self._cancelled.append((pid, time.time()))
                await connection.execute("select pg_cancel_backend(%s)", [pid])

    async def _lock_rows(self, chance: random.Random) -> None:
        """Whoever calls with a short statement timeout meanwhile runs into it."""
        self.tried[CALL_TIMED_OUT] += 1
        async with await self._connect() as connection, connection.transaction():
            await connection.execute(
                "select from wingman.matchmaking_pool order by user_id for no key update"
            )
            await asyncio.sleep(chance.uniform(0.1, 0.4))

    async def _connect(self) -> psycopg.AsyncConnection[tuple[int]]:
        return await psycopg.AsyncConnection.connect(self.database.url, autocommit=True, connect_timeout=10)

    def read_log(self) -> None:
        """Count the faults that the server's log shows."""
        ended_by_signal: Counter[int] = Counter()
        cancelled: dict[int, list[float]] = {}
        for line in self.database.log:
            if found := _KILLED.search(line):
                ended_by_signal[int(found[1])] += 1
            elif (sent := _SENT.match(line)) and "canceling statement due to" in line:
                if "user request" in line:
                    cancelled.setdefault(int(sent[3]), []).append(float(f"{sent[1]}.{sent[2]}"))
                elif "statement timeout" in line:
                    self.seen[CALL_TIMED_OUT] += 1
        self.seen[BACKEND_KILLED] += sum(ended_by_signal[pid] > 0 for pid in set(self._killed))
        self.seen[CALL_CANCELLED] += sum(
            any(0 <= when - sent < 1 for when in cancelled.get(pid, ())) for pid, sent in self._cancelled
        )


async def _pick(connection: psycopg.AsyncConnection[tuple[int]], chance: random.Random) -> int | None:
    """A backend in the middle of a call, as soon as there is one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = await connection.execute(
            """select pid from pg_stat_activity
               where usename = 'authenticator' and state <> 'idle' order by pid"""
        )
        if pids := [pid for (pid,) in await found.fetchall()]:
            return chance.choice(pids)
    return None
