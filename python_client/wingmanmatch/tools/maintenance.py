"""Runs ``wingman.run_maintenance``, once or repeatedly."""

import time
from collections.abc import Callable

import psycopg
from psycopg.rows import dict_row

from wingmanmatch.database.connection import connect, without_statement_timeout

_RUN = "select r.* from wingman.run_maintenance(%s) as r"
_BUSY = "PT423"
_KEPT = "refused_partitions"
"""What a run left undone: no reason for another one."""


def tidy_up(database_url: str, max_rows: int) -> dict[str, int]:
    """Run it until a run has less to do than its limit; returns how much it did of each kind.

    Raises:
        psycopg.Error: the server does not answer, or refused the run; what earlier runs did stays done.
    """
    done: dict[str, int] = {}
    with connect(database_url) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        while True:
            with without_statement_timeout(connection):
                run = cursor.execute(_RUN, [max_rows]).fetchone() or {}
            kept = run.pop(_KEPT)
            done = {kind: done.get(kind, 0) + rows for kind, rows in run.items()}
            if all(rows < max_rows for rows in run.values()):
                return done | {_KEPT: kept}


def keep_tidy(
    database_url: str,
    max_rows: int,
    every_seconds: float,
    tell: Callable[[dict[str, int]], None],
    tell_failure: Callable[[Exception], None],
) -> None:
    """Tidy up at intervals until interrupted; report a lost connection or a busy database, and go on.

    Raises:
        psycopg.Error: any other failure, or the first run failed.
    """
    tell(tidy_up(database_url, max_rows))
    while True:
        time.sleep(every_seconds)
        try:
            tell(tidy_up(database_url, max_rows))
        except psycopg.Error as error:
            if not is_passing(error):
                raise
            tell_failure(error)


def is_passing(error: psycopg.Error) -> bool:
    """Whether the next run is likely to succeed."""
    return isinstance(error, psycopg.OperationalError) or error.sqlstate == _BUSY
