"""A call on a connection: in one network round trip, leaving no trace of its identity."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.errors import InvalidSqlStatementName
from psycopg.pq import PipelineStatus, TransactionStatus
from psycopg.rows import tuple_row
from psycopg.types.string import StrDumperUnknown, TextLoader

from .. import _postgres as postgres
from .._rpc import Call, Identity, Reply


def is_idle(connection: AsyncConnection[Any]) -> bool:
    """Whether no transaction is open on a connection."""
    return connection.info.transaction_status == TransactionStatus.IDLE


def is_free(connection: AsyncConnection[Any]) -> bool:
    """Whether the next call on a connection would be a transaction of its own."""
    in_pipeline = connection.info.pipeline_status != PipelineStatus.OFF
    return connection.autocommit and is_idle(connection) and not in_pipeline


async def perform(connection: AsyncConnection[Any], call: Call, identity: Identity) -> Reply:
    """Make a call with somebody's identity. Raises the driver's errors."""
    try:
        return await _perform(connection, call, identity)
    except InvalidSqlStatementName:
        # After an error the server skips the rest of a pipeline, but the driver takes a statement that was to
        # be prepared there for prepared. Nothing has been done; the connection goes on without preparing.
        connection.prepare_threshold = None
        return await _perform(connection, call, identity)


async def _perform(connection: AsyncConnection[Any], call: Call, identity: Identity) -> Reply:
    answer = _answer_cursor(connection)
    savepoint = AsyncRawCursor(connection)
    other = AsyncRawCursor(connection)
    try:
        async with _pipeline(connection):
            # On an idle autocommit connection the Sync at its end makes the pipeline a transaction. Otherwise
            # the caller's transaction must survive an error, and go on with its own identity.
            joining = not (connection.autocommit and is_idle(connection))
            if joining:
                await savepoint.execute(postgres.SAVEPOINT, prepare=False)
                await other.execute(postgres.KEEP_IDENTITY)
            await other.execute(postgres.ASSUME_IDENTITY, [identity.role, identity.claims])
            await answer.execute(*postgres.call_statement(call))
            if joining:
                await other.execute(postgres.RESUME_IDENTITY, prepare=False)
                await other.execute(postgres.RELEASE, prepare=False)
    except BaseException:
        # Whatever stopped it, a cancelled task as well.
        if savepoint.statusmessage and not connection.closed:
            await other.execute(postgres.ROLL_BACK, prepare=False)
            await other.execute(postgres.RELEASE, prepare=False)
        raise
    return postgres.read_reply(call, await answer.fetchall())


@asynccontextmanager
async def _pipeline(connection: AsyncConnection[Any]) -> AsyncIterator[None]:
    """The connection's pipeline, quiet about what the server skips after an error.

    The error may come while statements are still being sent. If the driver's pipeline saw it, it would
    log a warning that those were skipped.
    """
    first: psycopg.Error | None = None
    try:
        async with connection.pipeline():
            try:
                yield
            except psycopg.Error as error:
                first = error
    except psycopg.Error as error:
        raise first or error from None
    if first:
        raise first


def _answer_cursor(connection: AsyncConnection[Any]) -> AsyncRawCursor[tuple[str, ...]]:
    cursor = AsyncRawCursor(connection, row_factory=tuple_row)
    # The caller's connection may be set to send text as type text, where each argument has its own type; and
    # the driver's loader of JSON takes any encoding for UTF-8.
    cursor.adapters.register_dumper(str, StrDumperUnknown)
    cursor.adapters.register_loader("json", TextLoader)
    cursor.adapters.register_loader("text", TextLoader)
    return cursor
