"""Processes that come back whenever they end, and who makes one fault after the other."""

import os
import random
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from fire.effects import Violation
from fire.machines import Database

PATIENCE = 5.0
"""Seconds to wait for somebody in the middle of their work."""
ATTEMPTS = 5
"""How often a kind of fault is tried at the start if it does not hit."""


class Supervised(ABC):
    """Processes that a supervisor starts again whenever they end."""

    name: ClassVar[str]
    """With a number it is the name of a process, as its connections have it."""
    signs: ClassVar[Sequence[str]]
    """How a line of the log says that something was not expected."""

    def __init__(self, directory: Path, number: int) -> None:
        self._log = directory / f"{self.name}s.log"
        self._number = number
        self._numbers = count()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.ended_alone = 0
        """How many ended by themselves: the server was away when they began."""

    @abstractmethod
    def command(self, name: str) -> tuple[Sequence[str], Mapping[str, str]]:
        """What starts the process of this name, and what it needs in its environment."""

    def ensure(self) -> None:
        """Start those that are missing."""
        for name, process in [*self._processes.items()]:
            if process.poll() is not None:
                self.ended_alone += process.returncode == 1
                del self._processes[name]
        while len(self._processes) < self._number:
            name = f"{self.name}-{next(self._numbers)}"
            command, environment = self.command(name)
            with self._log.open("ab") as log:
                self._processes[name] = subprocess.Popen(
                    command, env={**os.environ, **environment}, stdout=log, stderr=log
                )

    @property
    def names(self) -> list[str]:
        """Of those that have been started last."""
        return [*self._processes]

    def kill(self, name: str) -> bool:
        """SIGKILL; returns whether that ended it."""
        process = self._processes.get(name)
        if process is None or process.poll() is not None:
            return False
        process.kill()
        return process.wait() == -signal.SIGKILL

    def send(self, name: str, number: signal.Signals) -> None:
        """Another signal."""
        self._processes[name].send_signal(number)

    def end(self, name: str) -> int:
        """SIGTERM; the exit status."""
        self.send(name, signal.SIGTERM)
        return self._processes[name].wait(30)

    def stop(self) -> None:
        """Kill all of them."""
        for process in self._processes.values():
            process.kill()
            process.wait()
        self._processes.clear()

    @property
    def surprises(self) -> list[str]:
        """What they have met that they did not expect."""
        log = self._log.read_text(errors="replace") if self._log.exists() else ""
        return [line for line in log.splitlines() if any(sign in line for sign in self.signs)]


@dataclass(kw_only=True)
class FaultMaker(ABC):
    """Makes one fault after the other; the processes are there again before the next one."""

    killing: ClassVar[Sequence[str]]
    """The kinds of faults that are kills."""

    database: Database
    processes: Supervised
    chance: random.Random
    weights: dict[str, int]
    """How often a kind of fault is chosen."""
    tried: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Those that hit."""
    puzzles: list[str] = field(default_factory=list)
    """Who has not ended as it should."""

    @abstractmethod
    def make(self, kind: str) -> bool:
        """Make a fault; whether it hit."""

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
            self.processes.ensure()
            self.tried[kind] += 1
            with suppress(psycopg.OperationalError):
                self.seen[kind] += self.make(kind)
        self.processes.ensure()

    @property
    def kills(self) -> int:
        """How many have hit."""
        return sum(self.seen[kind] for kind in self.killing)

    @contextmanager
    def connect(self) -> Iterator[psycopg.Connection[Any]]:
        """A superuser's connection."""
        with psycopg.connect(self.database.url, autocommit=True, connect_timeout=10) as connection:
            yield connection


@dataclass
class FireReport:
    """What happened, and what is wrong with it."""

    kinds: ClassVar[Sequence[str]]
    """Of faults."""

    tried: Counter[str]
    seen: Counter[str]
    """The faults that hit."""
    counts: dict[str, int]
    violations: list[Violation]

    def table(self) -> str:
        """The counts, as lines of a table."""
        lines = [(name, f"{number:,}") for name, number in self.counts.items()]
        lines += [
            (f"{kind}: hit of tried", f"{self.seen[kind]} of {self.tried[kind]}") for kind in self.kinds
        ]
        lines += [("violations", str(len(self.violations)))]
        return "\n".join(f"| {name} | {value} |" for name, value in lines)


def soon(happens: Callable[[], Any]) -> Any:
    """Its result at the moment in which there is one; the last one if there is none in time."""
    deadline = time.monotonic() + PATIENCE
    while not (result := happens()) and time.monotonic() < deadline:
        pass
    return result


def fate(db: psycopg.Connection[Any], xid: str) -> str:
    """Of a transaction that has ended: a crash may have left no trace of it, so that its number is unused."""
    try:
        row = db.execute("select pg_xact_status(%s::xid8)", [xid]).fetchone()
    except psycopg.errors.InvalidParameterValue:
        return "aborted"
    assert row is not None
    # if another one has its number now, this may tell that one's fate; only then it did not commit either
    return str(row[0])
