"""The connections to the database: a few, which stay open."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import psycopg
from psycopg import Connection, sql
from psycopg.pq import TransactionStatus

from wingmanmatch._postgres import translated_errors
from wingmanmatch.admin.settings import Settings
from wingmanmatch.call.limits import limits_for
from wingmanmatch.call.transaction import was_closed
from wingmanmatch.database.connection import connect
from wingmanmatch.errors import Busy, ConnectionLost
from wingmanmatch.operating import not_an_operator, operators_functions

_MOST: Final = 4
"""A page asks for that much at once; the database has others to serve."""
_WAIT_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 5
_STATEMENT_SECONDS: Final = 20
_LOCK_SECONDS: Final = 2
_BEGIN: Final = """
select
    set_config('statement_timeout', %(statement)s, false),
    set_config('lock_timeout', %(lock)s, false),
    set_config('default_transaction_read_only', case when %(writes)s then 'off' else 'on' end, false)
"""


class Connections:
    """Connections that threads take one at a time.

    A pool would keep a thread waiting while the database cannot be reached; here it learns that at once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = threading.BoundedSemaphore(_MOST)
        self._lock = threading.Lock()
        self._idle: list[Connection[Any]] = []
        self._taken: set[Connection[Any]] = set()
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[Connection[Any]]:
        """A connection in a transaction that only reads.

        Raises:
            WingmanError: the database cannot be reached, or all connections are taken.
        """
        with self.calling() as connection, connection.transaction():
            yield connection

    @contextmanager
    def calling(self) -> Iterator[Connection[Any]]:
        """A connection on which each statement is a transaction. It can write if the settings say so.

        Raises:
            WingmanError: the database cannot be reached, or all connections are taken.
        """
        if not self._slots.acquire(timeout=_WAIT_SECONDS):
            raise Busy("All connections to the database are taken", hint="Try again in a moment.")
        try:
            connection = self._opened()
            try:
                with translated_errors():
                    yield connection
            finally:
                self._give_back(connection)
        finally:
            self._slots.release()

    def close(self) -> None:
        """Close all connections, and cancel what they are at: nobody waits for it any more."""
        with self._lock:
            self._is_closed = True
            idle, taken = self._idle, list(self._taken)
            self._idle = []
        for connection in idle:
            connection.close()
        for connection in taken:
            with suppress(psycopg.Error):
                connection.cancel_safe(timeout=_LOCK_SECONDS)

    def _opened(self) -> Connection[Any]:
        try:
            with translated_errors():
                return self._open_one()
        except ConnectionLost as lost:
            lost.may_have_taken_effect = False
            raise

    def _open_one(self) -> Connection[Any]:
        while connection := self._pop_idle():
            if not was_closed(connection):
                break
            connection.close()
        else:
            connection = self._connect()
        with self._lock:
            self._taken.add(connection)
        return connection

    def _pop_idle(self) -> Connection[Any] | None:
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _connect(self) -> Connection[Any]:
        url = self._settings.database_url
        limits = {**limits_for(url), "connect_timeout": _CONNECT_SECONDS}
        connection = connect(url, **limits, fallback_application_name="wingman admin", prepare_threshold=None)
        # for every transaction of its own; a single statement goes by the default below
        connection.read_only = True
        milliseconds = {"statement": f"{_STATEMENT_SECONDS}s", "lock": f"{_LOCK_SECONDS}s"}
        try:
            connection.execute(_BEGIN, {**milliseconds, "writes": self._settings.writes})
        except BaseException:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: Connection[Any]) -> None:
        is_usable = not connection.closed and connection.info.transaction_status == TransactionStatus.IDLE
        with self._lock:
            self._taken.discard(connection)
            if is_usable and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()


def grant_for(login: str) -> str:
    """What makes a login an operator."""
    return sql.SQL("grant wingman_admin to {};").format(sql.Identifier(login)).as_string()


def check_login(settings: Settings) -> str:
    """The login, which is an operator's.

    Raises:
        PermissionDenied: it is not.
        psycopg.OperationalError: the database cannot be reached.
    """
    with connect(settings.database_url) as connection:
        if not operators_functions(connection):
            raise not_an_operator(connection)
        return connection.info.user
