"""A call on a connection: in one network round trip, leaving no trace of its identity."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from psycopg import AsyncConnection, BaseConnection, Error
from psycopg.abc import PQGen
from psycopg.pq import PipelineStatus
from psycopg.pq.abc import PGresult

from .. import _postgres as postgres
from .._rpc import Call, Reply
from ..call.identity import Identity
from ..call.limits import within
from ..call.one_trip import Execution
from ..call.transaction import is_idle, outcome

Manner: TypeAlias = Callable[[BaseConnection[Any], Sequence[Execution]], PQGen[PGresult]]
"""How statements are executed: as a transaction, or as a part of one."""


def is_free(connection: AsyncConnection[Any]) -> bool:
    """Whether the next call on a connection would be a separate transaction."""
    return connection.autocommit and is_idle(connection) and not _in_pipeline(connection)


async def perform(
    connection: AsyncConnection[Any],
    call: Call,
    identity: Identity,
    manner: Manner,
    call_timeout: float | None,
) -> Reply:
    """Make a call with somebody's identity. Raises the driver's errors.

    Where the server does not answer in so many seconds, the connection is closed.
    """
    encoding = connection.info.encoding
    # a database with encoding SQL_ASCII returns texts as they were sent
    encoding = "utf-8" if encoding == "ascii" else encoding
    executions = postgres.executions(call, identity, encoding)
    if _in_pipeline(connection):
        # statements that the caller has sent are answered first
        async with connection.pipeline():
            result = await _wait(connection, manner, executions, call_timeout)
    else:
        result = await _wait(connection, manner, executions, call_timeout)
    return postgres.read_reply(call, result, encoding)


async def _wait(
    connection: AsyncConnection[Any],
    manner: Manner,
    executions: Sequence[Execution],
    call_timeout: float | None,
) -> PGresult:
    async with connection.lock:
        result = await connection.wait(outcome(within(call_timeout, manner(connection, executions))))
    if isinstance(result, Error):
        raise result
    return result


def _in_pipeline(connection: AsyncConnection[Any]) -> bool:
    return connection.info.pipeline_status != PipelineStatus.OFF
