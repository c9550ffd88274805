"""Turns whose calls Python makes, with a process for each client, so that none waits for another."""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import md5
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from uuid import UUID

import psycopg

from wingmanmatch.database.connection import connect
from wingmanmatch.tools.bench.app_server import WAYS, Confirm, ConfirmationError, Connection
from wingmanmatch.tools.bench.pgbench import Run, RunFailedError, summary_of
from wingmanmatch.tools.bench.server import tcp_url
from wingmanmatch.tools.bench.turns import Turns
from wingmanmatch.tools.bench.worlds import CALLER, person_id

Ask = tuple[str, str, str]
"""The caller, the session and the idempotency key."""
Ends = list[tuple[float, float]]
"""When each call ended, in seconds, and what it took, in microseconds."""


@contextmanager
def callers(count: int) -> Iterator[list[Pipe]]:
    """Processes that make calls; they stay, with their connections, as those of a server do."""
    # a forked process would inherit this one's locks
    context = get_context("spawn")
    with ExitStack() as stack:
        pipes = []
        for _ in range(count):
            pipe, theirs = context.Pipe()
            process = context.Process(target=_make_calls, args=(theirs,), daemon=True)
            process.start()
            theirs.close()
            # closing the pipe ends the process
            stack.callback(process.join)
            stack.callback(pipe.close)
            pipes.append(pipe)
        yield pipes


@dataclass(kw_only=True)
class PythonTurns(Turns):
    """Turns of confirmations over TCP, with a new key for each turn."""

    way: str
    """Of ``WAYS``, how they are made."""
    pipes: Sequence[Pipe]
    """Pipes to the processes, at least one per client."""
    port: int
    """Where they reach the server."""

    def _make_calls(self, calls_each: int) -> Run:
        url = tcp_url(self.port, self.world.dbname, CALLER)
        numbers = range(calls_each)
        mine = list(enumerate(self.pipes[: self.clients]))
        for client, pipe in mine:
            pipe.send((url, self.way, [self._ask(client * calls_each + number) for number in numbers]))
        told = [pipe.recv() for _, pipe in mine]
        for failure in told:
            if isinstance(failure, str):
                raise RunFailedError(failure)
        return summary_of(told, self.clients, calls_each)

    def _ask(self, number: int) -> Ask:
        """As in bench/calls/confirm.sql."""
        session = md5(f"session {self.world.turns} {number}".encode(), usedforsecurity=False).hexdigest()
        caller = person_id(2 * number + number % 2)
        return str(caller), str(UUID(session)), f"turn {self.world.turns}"


def _make_calls(pipe: Pipe) -> None:
    """Make the calls that come through a pipe until it is closed; send back when they ended, or a failure."""
    connections: dict[str, Connection] = {}
    with ExitStack() as stack, suppress(EOFError):
        while True:
            url, way, asks = pipe.recv()
            try:
                if url not in connections:
                    connections[url] = stack.enter_context(connect(url, prepare_threshold=0))
                pipe.send(_timed(WAYS[way], connections[url], asks))
            except (psycopg.Error, ConfirmationError) as failure:
                pipe.send(f"{type(failure).__name__}: {failure}")


def _timed(confirm: Confirm, connection: Connection, asks: Sequence[Ask]) -> Ends:
    ends = []
    for ask in asks:
        begun = time.perf_counter()
        confirm(connection, *ask)
        now = time.perf_counter()
        ends.append((now, (now - begun) * 1e6))
    return ends
