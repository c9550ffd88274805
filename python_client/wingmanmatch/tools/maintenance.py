"""Runs ``wingman.run_maintenance`` or ``wingman.run_readers``, once or repeatedly."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, LiteralString

import psycopg
from psycopg.rows import dict_row

from wingmanmatch.database.connection import connect, without_statement_timeout

TIDYING: LiteralString = "select r.* from wingman.run_maintenance(%s) as r"
READING: LiteralString = "select r.* from wingman.run_readers(%s) as r"

_BUSY = "PT423"
_KEPT = "refused_partitions"
"""What a run did not do, which is no reason for another one."""
_SUMMARY_SECONDS = 60.0
"""How often to report what frequent runs have done."""

_AWAY_SECONDS = 0.5
"""The shortest pause after a failure."""

Tell = Callable[[dict[str, int]], None]
TellFailure = Callable[[Exception], None]


def run_once(database_url: str, what: LiteralString, max_rows: int) -> dict[str, int]:
    """Repeat it until a run does less than its limit; returns how much was done of each kind.

    Args:
        database_url: the URL of an operator's login.
        what: ``TIDYING`` or ``READING``.
        max_rows: the limit of a run.

    Raises:
        psycopg.Error: the server does not answer, or refused the run; what earlier runs did stays done.
    """
    with connect(database_url) as connection:
        return _run(connection, what, max_rows)


def keep_tidy(
    database_url: str, max_rows: int, every_seconds: float, tell: Tell, tell_failure: TellFailure
) -> None:
    """Tidy up at intervals until interrupted; report a lost connection or a busy database, and go on.

    Raises:
        psycopg.Error: any other failure, or the first run failed.
    """
    tell(run_once(database_url, TIDYING, max_rows))
    while True:
        time.sleep(every_seconds)
        try:
            tell(run_once(database_url, TIDYING, max_rows))
        except psycopg.Error as error:
            _pass_over(error, tell_failure)


def keep_reading(
    database_url: str, max_rows: int, every_seconds: float, tell: Tell, tell_failure: TellFailure
) -> None:
    """Run the readers at intervals until interrupted, over one connection while it lasts.

    Reports what the first run did, then once a minute what was done since; of failures in a row, the first.

    Raises:
        psycopg.Error: a failure that will not pass, or the first run failed.
    """
    tell(run_once(database_url, READING, max_rows))
    done: Counter[str] = Counter()
    told_at = time.monotonic()
    has_failed = False
    while True:
        try:
            with connect(database_url) as connection:
                while True:
                    time.sleep(every_seconds)
                    done.update(_run(connection, READING, max_rows))
                    has_failed = False
                    if time.monotonic() > told_at + _SUMMARY_SECONDS:
                        tell(dict(done))
                        done.clear()
                        told_at = time.monotonic()
        except psycopg.Error as error:
            _pass_over(error, _say_nothing if has_failed else tell_failure)
            has_failed = True
            time.sleep(max(every_seconds, _AWAY_SECONDS))


def is_passing(error: psycopg.Error) -> bool:
    """Whether the next run is likely to succeed."""
    return isinstance(error, psycopg.OperationalError) or error.sqlstate == _BUSY


def _run(connection: psycopg.Connection[Any], what: LiteralString, max_rows: int) -> dict[str, int]:
    cursor = connection.cursor(row_factory=dict_row)
    done: Counter[str] = Counter()
    while True:
        with without_statement_timeout(connection):
            run = cursor.execute(what, [max_rows]).fetchone() or {}
        kept = {kind: rows for kind, rows in run.items() if kind == _KEPT}
        rest = {kind: rows for kind, rows in run.items() if kind != _KEPT}
        done.update(rest)
        if all(rows < max_rows for rows in rest.values()):
            return dict(done) | kept


def _pass_over(error: psycopg.Error, tell_failure: TellFailure) -> None:
    if not is_passing(error):
        raise error
    tell_failure(error)


def _say_nothing(_: Exception) -> None:
    pass
