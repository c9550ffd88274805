"""A call's statements on a connection: a separate transaction, or part of one that is open.

These are generators like the driver's: ``await connection.wait(own_transaction(connection, …))``. If the wait
is interrupted, for example because a task is cancelled, the driver cancels the statement on the server and
lets the generator finish; ``outcome`` makes it finish without an error.
"""

import select
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg
from psycopg import BaseConnection
from psycopg.abc import PQGen
from psycopg.errors import DuplicatePreparedStatement, InvalidSavepointSpecification, InvalidSqlStatementName
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGresult

from wingmanmatch.call.one_trip import Execution, Prepared, Statement, one_trip

_PREPARED: WeakKeyDictionary[BaseConnection[Any], Prepared] = WeakKeyDictionary()

_LOST: Final = (InvalidSqlStatementName, DuplicatePreparedStatement)
"""Statements were deallocated, or a pooler has switched to another server connection.

Nothing has been done in this case; the connection goes on without preparing.
"""

_SAVEPOINT: Final[Execution] = (Statement(b"", b"savepoint wingmanmatch"), ())
_RELEASE: Final[Execution] = (Statement(b"", b"release savepoint wingmanmatch"), ())
# also undoes set_config
_ROLL_BACK: Final[Execution] = (Statement(b"", b"rollback to savepoint wingmanmatch"), ())

# In a transaction that goes on after the call, the previous settings must be restored. The server keeps them,
# which saves the round trip of asking for them.
_KEEP_IDENTITY: Final[Execution] = (
    Statement.of(
        b"""\
select
    set_config('wingmanmatch.role', current_setting('role'), true),
    set_config('wingmanmatch.claims', coalesce(current_setting('request.jwt.claims', true), ''), true)"""
    ),
    (),
)
_RESUME_IDENTITY: Final[Execution] = (
    Statement.of(
        b"""\
select
    set_config('role', current_setting('wingmanmatch.role'), true),
    set_config('request.jwt.claims', current_setting('wingmanmatch.claims'), true)"""
    ),
    (),
)


def own_transaction(connection: BaseConnection[Any], executions: Sequence[Execution]) -> PQGen[PGresult]:
    """Execute statements as a transaction, and return the last one's result. No transaction may be open.

    Raises:
        psycopg.Error: a statement or the commit failed; nothing has been done.
    """
    try:
        results = yield from one_trip(connection.pgconn, executions, _prepared_on(connection))
    except _LOST:
        connection.prepare_threshold = None
        results = yield from one_trip(connection.pgconn, executions, None)
    return results[-1]


def as_the_connection_is(connection: BaseConnection[Any], executions: Sequence[Execution]) -> PQGen[PGresult]:
    """Execute statements that change the identity, on a connection that belongs to the caller.

    On an idle connection in autocommit they are a transaction. Otherwise they become part of the open
    transaction, or begin one: it goes on with its own identity, and an error leaves it usable and without a
    trace of them. Returns the last one's result.

    Raises:
        psycopg.Error: a statement or the commit failed; nothing has been done.
    """
    if is_idle(connection) and connection.autocommit:
        return (yield from own_transaction(connection, executions))
    try:
        results = yield from _joined(connection, executions, _prepared_on(connection))
    except _LOST:
        connection.prepare_threshold = None
        results = yield from _joined(connection, executions, None)
    # what resumes the identity and what releases the savepoint come after it
    return results[-3]


def outcome(statements: PQGen[PGresult]) -> PQGen[PGresult | psycopg.Error]:
    """What such a generator returns, or the driver's error that it raises.

    Where the wait is interrupted, the driver closes the connection if the rest of the generator raises. That
    happens: the statements may be refused before the server hears that they are cancelled.
    """
    try:
        return (yield from statements)
    except psycopg.Error as error:
        return error


def was_closed(connection: BaseConnection[Any]) -> bool:
    """Whether the server has closed an idle connection, checked without a round trip.

    What else it may have sent, such as a notification, is kept.
    """
    if not hasattr(select, "poll"):
        return False
    poller = select.poll()
    poller.register(connection.fileno(), select.POLLIN)
    try:
        while poller.poll(0):
            connection.pgconn.consume_input()
    except psycopg.Error:
        return True
    return False


def is_idle(connection: BaseConnection[Any]) -> bool:
    """Whether no transaction is open on a connection."""
    return connection.pgconn.transaction_status == TransactionStatus.IDLE


def _prepared_on(connection: BaseConnection[Any]) -> Prepared | None:
    """What is prepared on a connection; None if the driver's setting disables preparing."""
    return None if connection.prepare_threshold is None else _PREPARED.setdefault(connection, {})


def _joined(
    connection: BaseConnection[Any], executions: Sequence[Execution], prepared: Prepared | None
) -> PQGen[list[PGresult]]:
    pgconn = connection.pgconn
    before = pgconn.transaction_status
    begin = [_begin(connection)] if before == TransactionStatus.IDLE else []
    whole = [*begin, _SAVEPOINT, _KEEP_IDENTITY, *executions, _RESUME_IDENTITY, _RELEASE]
    try:
        return (yield from one_trip(pgconn, whole, prepared))
    except psycopg.Error:
        # a transaction that had failed before stays as it is
        if TransactionStatus.INERROR == pgconn.transaction_status != before:
            # an interrupt may have come before the savepoint was made, or after it was released
            with suppress(InvalidSavepointSpecification):
                yield from one_trip(pgconn, [_ROLL_BACK, _RELEASE], None)
        raise


def _begin(connection: BaseConnection[Any]) -> Execution:
    """What the driver would begin a transaction with."""
    words = ["begin"]
    if connection.isolation_level is not None:
        words.append(f"isolation level {connection.isolation_level.name.replace('_', ' ')}")
    if connection.read_only is not None:
        words.append("read only" if connection.read_only else "read write")
    if connection.deferrable is not None:
        words.append("deferrable" if connection.deferrable else "not deferrable")
    return Statement(b"", " ".join(words).encode()), ()
