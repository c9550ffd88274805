"""Connections that outlive a test: a new backend would have to read the catalog and compile all functions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from harness import Connect, Connection
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row

# DISCARD ALL but for the prepared statements, of which the driver keeps a list, and for the plans, which take
# long to make
_AS_NEW = """
    reset session authorization; reset all; close all; unlisten *;
    discard temp; discard sequences; select pg_advisory_unlock_all()
"""

_MOST = 12
"""How many of a login stay open."""


class WarmConnections:
    """The idle ones of a database, by login."""

    def __init__(self, login: Mapping[str, Any]) -> None:
        self._login = login
        self._idle: dict[str, list[Connection]] = defaultdict(list)

    @property
    def pids(self) -> list[int]:
        return [connection.info.backend_pid for idle in self._idle.values() for connection in idle]

    @contextmanager
    def lending(self, *, keeps_plans: bool) -> Iterator[Connect]:
        """Hands out connections that are as good as new, and takes back those that still are.

        Args:
            keeps_plans: of the functions that earlier tests have called; tests that count pages want none.
        """
        lent: list[tuple[str, Connection]] = []

        def connect(user: str) -> Connection:
            lent.append((user, self._as_new(user)))
            if not keeps_plans:
                lent[-1][1].execute("discard plans", prepare=False)
            return lent[-1][1]

        yield connect
        for user, connection in lent:
            # few tests need more, and a server has a limited number
            if len(self._idle[user]) < _MOST and self._is_as_good(connection):
                connection.isolation_level = connection.read_only = connection.deferrable = None
                self._idle[user].append(connection)
            else:
                connection.close()

    def close(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.close()
        self._idle.clear()

    def _is_as_good(self, connection: Connection) -> bool:
        """Whether a connection can serve another test; if so, what it has written is counted from now on."""
        if not connection.autocommit or connection.info.transaction_status != TransactionStatus.IDLE:
            return False
        try:
            connection.execute("select pg_stat_force_next_flush()", prepare=False)
        except psycopg.OperationalError:
            return False
        return True

    def _as_new(self, user: str) -> Connection:
        while self._idle[user]:
            connection = self._idle[user].pop()
            try:
                connection.execute(_AS_NEW, prepare=False)
            except psycopg.OperationalError:
                continue
            return connection
        return psycopg.connect(**{**self._login, "user": user}, autocommit=True, row_factory=dict_row)
