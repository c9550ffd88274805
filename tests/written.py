"""What calls write: which tables they update, and whether the updates avoid the indexes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from harness import Caller
from psycopg.rows import tuple_row


class Updates(NamedTuple):
    rows: int
    hot: int
    """Those of them for which no index was written."""


def updates_of(caller: Caller, act: Callable[[Caller], Any]) -> dict[str, Updates]:
    """The tables that the calls of a caller update, each with how many rows; the calls are kept.

    Args:
        act: makes the calls.
    """
    with caller.transaction():
        before = _counted(caller)
        act(caller)
        after = _counted(caller)
    return {
        table: Updates(rows - before.get(table, (0, 0))[0], hot - before.get(table, (0, 0))[1])
        for table, (rows, hot) in after.items()
        if rows > before.get(table, (0, 0))[0]
    }


def _counted(caller: Caller) -> dict[str, tuple[int, int]]:
    # includes what the connection did before and has not reported yet
    cursor = caller.connection.cursor(row_factory=tuple_row)
    query = "select relname, n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where n_tup_upd > 0"
    return {table: (rows, hot) for table, rows, hot in cursor.execute(query)}
