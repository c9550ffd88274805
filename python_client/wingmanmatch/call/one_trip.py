"""Several statements in one network round trip and one transaction."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from psycopg.abc import PQGen
from psycopg.errors import TransactionResolutionUnknown, error_from_result
from psycopg.generators import fetch_many, send
from psycopg.pq import DiagnosticField, ExecStatus, PipelineStatus
from psycopg.pq.abc import PGconn, PGresult

MOST_PREPARED: Final = 100
"""How many statements stay prepared on a connection: each takes memory on the server."""

Prepared = dict[bytes, None]
"""The names of the statements that are prepared on a connection, oldest first."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, and the name under which it is prepared; with an empty name it is never prepared."""

    name: bytes
    text: bytes

    @classmethod
    def of(cls, text: bytes) -> "Statement":
        """A statement named after its text, so that a name means the same statement everywhere.

        A pooler may give one connection of the server to several programs in turn.
        """
        return cls(b"wingman_" + blake2b(text, digest_size=8).hexdigest().encode(), text)


Execution = tuple[Statement, Sequence[bytes | None]]
"""A statement and its parameters: texts, whose types the server infers."""


def one_trip(
    pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None
) -> PQGen[list[PGresult]]:
    """Execute statements on an idle connection, and return the result of each.

    All are sent together with one Sync, which makes them one transaction if none is open. The driver's own
    pipeline sends each separately, and considers a statement prepared even if the server skipped it after an
    error.

    It is a generator like the driver's: ``await connection.wait(one_trip(connection.pgconn, …))``.

    Args:
        pgconn: the connection.
        executions: what to execute.
        prepared: what is prepared on the connection, kept up to date here; None: prepare nothing.

    Raises:
        psycopg.Error: a statement or the commit failed; nothing has been done.
        psycopg.OperationalError: the connection is lost, or the commit did not wait for the standby.
    """
    unreplicated: list[PGresult] = []
    try:
        with _watching(pgconn, unreplicated):
            sent, results = yield from _exchange(pgconn, executions, prepared)
    except BaseException:
        # what the server may still send must not be read as the answer to another call
        pgconn.finish()
        raise
    for result in results:
        if result.status == ExecStatus.FATAL_ERROR:
            raise error_from_result(result)
    if unreplicated:
        raise TransactionResolutionUnknown(
            "Committed, but a failover may lose it: the wait for the standby was ended"
        )
    if len(results) == len(executions):
        return results
    return [result for name, result in zip(sent, results, strict=False) if name is None]


@contextmanager
def _watching(pgconn: PGconn, unreplicated: list[PGresult]) -> Iterator[None]:
    """Collect the warnings that a commit no longer waits for the standby.

    PostgreSQL reports success nevertheless. The function that warns has the same name in every language.
    """
    handler = pgconn.notice_handler

    def watch(notice: PGresult) -> None:
        if notice.error_field(DiagnosticField.SOURCE_FUNCTION) == b"SyncRepWaitForLSN":
            unreplicated.append(notice)
        if handler:
            handler(notice)

    pgconn.notice_handler = watch
    try:
        yield
    finally:
        pgconn.notice_handler = handler


def _exchange(
    pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None
) -> PQGen[tuple[list[bytes | None], list[PGresult]]]:
    in_pipeline = pgconn.pipeline_status != PipelineStatus.OFF
    if not in_pipeline:
        pgconn.enter_pipeline_mode()
    sent = _send(pgconn, executions, prepared)
    pgconn.pipeline_sync()
    yield from send(pgconn)
    results: list[PGresult] = []
    while not results or results[-1].status != ExecStatus.PIPELINE_SYNC:
        results += yield from fetch_many(pgconn)
    if not in_pipeline:
        pgconn.exit_pipeline_mode()
    if prepared is not None:
        for name, result in zip(sent, results, strict=False):
            if name and result.status == ExecStatus.COMMAND_OK:
                prepared[name] = None
    return sent, results[:-1]


def _send(pgconn: PGconn, executions: Sequence[Execution], prepared: Prepared | None) -> list[bytes | None]:
    """Queue the statements, and return what each expected result belongs to.

    Returns:
        The name of a statement that is being prepared, nothing (b"") for one that is deallocated, None for an
        execution.
    """
    sent: list[bytes | None] = []
    while prepared is not None and len(prepared) >= MOST_PREPARED:
        oldest = next(iter(prepared))
        del prepared[oldest]
        # before all others, so that the server cannot skip it after an error
        pgconn.send_query_params(b"deallocate " + oldest, None)
        sent.append(b"")
    for statement, parameters in executions:
        if prepared is None or not statement.name:
            pgconn.send_query_params(statement.text, parameters)
        else:
            if statement.name not in prepared:
                pgconn.send_prepare(statement.name, statement.text)
                sent.append(statement.name)
            pgconn.send_query_prepared(statement.name, parameters)
        sent.append(None)
    return sent
