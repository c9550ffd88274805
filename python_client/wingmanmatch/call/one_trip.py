"""Several statements in one network round trip and one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.abc import PQGen
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

MOST_PREPARED: Final = 100
"""How many statements stay prepared on a connection: each takes memory on the server."""

Prepared = dict[bytes, None]
"""The names of the statements that are prepared on a connection, the oldest first."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, and the name under which it is prepared."""

    name: bytes
    text: bytes


Execution = tuple[Statement, Sequence[bytes | None]]
"""A statement and its parameters: texts, whose types the server infers."""


def one_trip(pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None) -> PQGen[PGresult]:
    """Execute statements on an idle connection, and return the last one's result.

    All go out together with one Sync, which makes them one transaction. The driver's own pipeline sends each
    by itself, and takes a statement for prepared even where the server skipped it after an error.

    It is a generator like the driver's: ``await connection.wait(one_trip(connection.pgconn, …))``.

    Args:
        pgconn: the connection.
        executions: what to execute.
        prepared: what is prepared on the connection, kept up to date here; None: prepare nothing.

    Raises:
        psycopg.Error: a statement or the commit failed; nothing has been done.
        psycopg.OperationalError: the connection is lost.
    """
    try:
        results = yield from _exchange(pgconn, executions, prepared)
    except BaseException:
        # what the server may still send must not be taken for the answer to another call
        pgconn.finish()
        raise
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
    return results[-1]


def _exchange(
    pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None
) -> PQGen[list[PGresult]]:
    pgconn.enter_pipeline_mode()
    names = _send(pgconn, executions, prepared)
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results: list[PGresult] = []
    while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
        results += yield from fetch_many(pgconn)
    pgconn.exit_pipeline_mode()
    if prepared is not None:
        for name, result in zip(names, results, strict=False):
            if name and result.status == ExecStatus.COMMAND_OK:
                prepared[name] = None
    return results[:-1]


def _send(pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None) -> list[bytes | None]:
    """Queue the statements; for each result to come, the name of the statement that it says is prepared."""
    if prepared is None:
        for statement, parameters in executions:
            pgconn.send_query_params(statement.text, parameters)
        return []
    names: list[bytes | None] = []
    while len(prepared) >= MOST_PREPARED:
        oldest = next(iter(prepared))
        del prepared[oldest]
        # before all others, so that no error makes the server skip it
        pgconn.send_query_params(b"deallocate " + oldest, None)
        names.append(None)
    for statement, parameters in executions:
        if statement.name not in prepared:
            pgconn.send_prepare(statement.name, statement.text)
            names.append(statement.name)
        pgconn.send_query_prepared(statement.name, parameters)
        names.append(None)
    return names
