"""Two calls that really meet: one holds its locks until the other waits for them, or skips them."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import psycopg
from harness import OPERATOR, Caller, Connect, Connection, RpcError, in_thread, wait_until_blocked

_DEADLINE_SECONDS = 15.0


class Contender(Protocol):
    """Somebody about to do something, on a separate connection."""

    @property
    def pid(self) -> int: ...
    def transaction(self) -> AbstractContextManager[psycopg.Transaction]: ...
    def __call__(self) -> Any: ...


class Call:
    """A user's call of an API function, not made yet."""

    def __init__(
        self, device: Connection, user_id: UUID, function: str, email: str | None = None, **arguments: Any
    ) -> None:
        claims = {"sub": str(user_id), "role": "authenticated"} | ({"email": email} if email else {})
        self._caller = Caller(lambda: device, "authenticated", claims)
        self._function = function
        self._arguments = arguments
        self.pid = self._caller.pid
        self.transaction = self._caller.transaction

    def __call__(self) -> Any:
        return self._caller.call(self._function, **self._arguments)


class Operation:
    """An operator's call of a function, not made yet."""

    def __init__(self, connection: Connection, function: str, **arguments: Any) -> None:
        self._caller = Caller(lambda: connection, None, {})
        self._function = function
        self._arguments = arguments
        self.pid = self._caller.pid
        self.transaction = self._caller.transaction

    def __call__(self) -> Any:
        return self._caller.call(self._function, **self._arguments)


class Statement:
    """An operator's statement, not made yet."""

    def __init__(self, connection: Connection, query: str, *parameters: Any) -> None:
        self._connection = connection
        self._query = query
        self._parameters = parameters
        self.pid = connection.info.backend_pid
        self.transaction = connection.transaction

    def __call__(self) -> list[Any]:
        return self.execute(self._query, *self._parameters)

    def execute(self, query: str, *parameters: Any) -> list[Any]:
        """Another statement on the same connection."""
        cursor = self._connection.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []


@dataclass(frozen=True)
class Collision:
    """How it ended: an answer or an RpcError each, and the tables in which the second wrote anything."""

    first: Any
    second: Any
    second_wrote: set[str]


def outcome(act: Callable[[], Any]) -> Any:
    """The answer of a call, or its refusal."""
    try:
        return act()
    except RpcError as refusal:
        return refusal


def at_once(*contenders: Callable[[], Any]) -> list[Any]:
    """Start all of them at the same instant; their outcomes in the same order."""
    line = threading.Barrier(len(contenders), timeout=_DEADLINE_SECONDS)

    def go(act: Callable[[], Any]) -> Any:
        line.wait()
        return outcome(act)

    running = [in_thread(go, act) for act in contenders]
    return [future.result(_DEADLINE_SECONDS) for future in running]


class Race:
    """Makes contenders and lets them meet."""

    def __init__(self, connect: Connect, db: Connection) -> None:
        self._connect = connect
        self._db = db

    def device(self) -> Connection:
        return self._connect(user="authenticator")

    def call(self, user_id: UUID, function: str, **arguments: Any) -> Call:
        """A call on a separate device: two calls of one user are that user on two devices.

        Args:
            arguments: with ``email``, the address in the user's token, which no function takes.
        """
        return self.call_on(self.device(), user_id, function, **arguments)

    def call_on(self, device: Connection, user_id: UUID, function: str, **arguments: Any) -> Call:
        """A call on a device that makes others as well."""
        return Call(device, user_id, function, **arguments)

    def operation(self, function: str, **arguments: Any) -> Operation:
        """An operator's call of a function, named with its schema."""
        return Operation(self._connect(user=OPERATOR), function, **arguments)

    def others_operation(self, function: str, **arguments: Any) -> Operation:
        """The same by another operator: the superuser's login, which decisions call by its name."""
        return Operation(self._connect(user=self._db.info.user), function, **arguments)

    def statement(self, query: str, *parameters: Any) -> Statement:
        """A superuser's statement."""
        return Statement(self._connect(user=self._db.info.user), query, *parameters)

    def collide(self, first: Contender, second: Contender, *, rolled_back: bool = False) -> Collision:
        """The second must wait for the first, who then commits, or else is rolled back."""
        with first.transaction():
            answer = outcome(first)
            mark = self._mark()
            waiting = in_thread(outcome, second)
            wait_until_blocked(self._db, second.pid, by=first.pid)
            if rolled_back:
                raise psycopg.Rollback
        return Collision(answer, waiting.result(_DEADLINE_SECONDS), self._written_since(mark))

    def overtake(self, first: Contender, second: Contender) -> Collision:
        """The second must finish while the first still holds its locks, without ever waiting."""
        with first.transaction():
            answer = outcome(first)
            mark = self._mark()
            other = self.unhindered(second)
        return Collision(answer, other, self._written_since(mark))

    def unhindered(self, contender: Contender) -> Any:
        """The outcome of somebody who must not wait for any lock."""
        running = in_thread(outcome, contender)
        while not running.done():
            row = self._db.execute("select pg_blocking_pids(%s) as blockers", [contender.pid]).fetchone()
            assert row == {"blockers": []}
        return running.result()

    @contextmanager
    def held(self, query: str, *parameters: Any) -> Iterator[int]:
        """Holds what a superuser's statement locks; gives the holder's process id."""
        holder = self.statement(query, *parameters)
        with holder.transaction():
            holder()
            yield holder.pid

    def started(self, contender: Contender, *, waits_for: int) -> Callable[[], Any]:
        """Start it; once it waits for that process, return a function that gives its outcome."""
        running = in_thread(outcome, contender)
        self.wait_until_blocked(contender, by=waits_for)
        return lambda: running.result(_DEADLINE_SECONDS)

    def wait_until_blocked(self, contender: Contender, *, by: int) -> None:
        """Return once a started contender waits for that process."""
        wait_until_blocked(self._db, contender.pid, by=by)

    def is_blocked(self, contender: Contender, *, by: int) -> bool:
        """Whether a started contender waits for that process now."""
        row = self._db.execute("select pg_blocking_pids(%s) as blockers", [contender.pid]).fetchone()
        return row is not None and by in row["blockers"]

    def _mark(self) -> int:
        """A transaction id: greater than any given so far, smaller than any given from now on."""
        row = self._db.execute("select pg_current_xact_id()::text::bigint as mark").fetchone()
        assert row
        return row["mark"]

    def _written_since(self, mark: int) -> set[str]:
        tables = self._db.execute(
            """
            select c.oid::regclass::text as name
            from pg_class as c
            where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)
                -- the journal, all partitions, tells of the other tables, and whatever succeeds counts
                and not c.relispartition and c.relname <> 'rate_limits'
            """
        ).fetchall()
        query = " union all ".join(
            f"select '{table['name']}' as name from {table['name']} where xmin::text::bigint > {mark}"
            for table in tables
        )
        return {row["name"].removeprefix("wingman.") for row in self._db.execute(query)}


def assert_refused(outcome: Any, name: str, http_status: int, message: str, **context: Any) -> None:
    """The outcome is this refusal, whole: name, status, SQLSTATE, message, DETAIL with its context."""
    assert isinstance(outcome, RpcError), outcome
    assert (outcome.name, outcome.status, outcome.message) == (name, http_status, message)
    assert outcome.sqlstate == f"PT{http_status}"
    assert outcome.detail == {"error": name, **context}
