"""One call of a function: a separate transaction, in one round trip, with the caller's identity."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from time import monotonic
from typing import Any, Final, LiteralString

import psycopg
from psycopg import AsyncConnection, BaseConnection, sql
from psycopg.pq.abc import PGresult
from psycopg.rows import tuple_row
from psycopg_pool import PoolClosed, PoolTimeout

from wingmanmatch.call.identity import IDENTITY, READ_ONLY, Identity, local_settings
from wingmanmatch.call.limits import within
from wingmanmatch.call.one_trip import Execution, Statement
from wingmanmatch.call.transaction import outcome, own_transaction, was_closed
from wingmanmatch.call.uninterrupted import async_uninterrupted
from wingmanmatch.catalog.functions import Function
from wingmanmatch.database.connection import connect
from wingmanmatch.http.call import Call, HttpRequest, Reply
from wingmanmatch.http.failures import failure_of, no_connection, overloaded, unanswered
from wingmanmatch.http.pool import pool_for
from wingmanmatch.http.role_settings import RoleSettings
from wingmanmatch.http.settings import Settings, UnsafeSettingsError
from wingmanmatch.http.tokens import ROLES
from wingmanmatch.http.turns import TooManyWaitingError, Turns, WaitedTooLongError

_GRACE_SECONDS: Final = 5.0
"""How long after its time limit the server may still answer a call."""

_LOOK: Final = Statement(b"", b"select current_setting('transaction_read_only')")
_LOOK_SECONDS: Final = 2.0
"""How long a look at the database may wait for a connection, and for an answer."""

_READER: Final = "reader"
"""The name under which the server's own reading queues among the users."""

_ASSUME: Final = local_settings(
    "statement_timeout",
    READ_ONLY,
    *IDENTITY,
    "request.method",
    "request.path",
    "request.headers",
    "request.cookies",
    # what can only read, a standby for example, is not told to write: the function refuses
    kept=READ_ONLY,
)

# PostgreSQL logs a refusal with its context and its statement, ten times as long as a line of our own log
_QUIETLY: Final[Execution] = (
    Statement.of(
        b"select set_config('log_min_messages', 'fatal', true)"
        b" where has_parameter_privilege(current_user, 'log_min_messages', 'set')"
    ),
    (),
)
_IN_TIMEZONE: Final = local_settings("timezone")

_LOGIN: LiteralString = """
select
    current_user,
    r.rolsuper or r.rolbypassrls
        or exists (
            select from pg_catalog.pg_roles as o
            where o.rolname = 'wingman_owner' and pg_catalog.pg_has_role(r.oid, o.oid, 'member')
        ),
    array(
        select w.name
        from unnest(%s::text[]) as w (name)
        where not exists (
            select from pg_catalog.pg_roles as o
            where o.rolname = w.name and pg_catalog.pg_has_role(r.oid, o.oid, 'member')
        )
        order by w.name
    )
from pg_catalog.pg_roles as r
where r.rolname = current_user
"""


def check_login(settings: Settings) -> None:
    """Refuse a login that could do more than any caller is allowed to, or less than a call needs.

    Raises:
        UnsafeSettingsError: the login is such a one.
        psycopg.OperationalError: the database cannot be reached.
    """
    with connect(settings.database_url) as connection:
        row = connection.cursor(row_factory=tuple_row).execute(_LOGIN, [sorted(ROLES)]).fetchone()
    if row is None:
        raise UnsafeSettingsError("PostgreSQL does not know the login")
    login, is_powerful, missing = row
    if is_powerful:
        raise UnsafeSettingsError(
            f"{login} is a superuser, the owner or exempt from row level security: log in as authenticator"
        )
    if missing:
        raise UnsafeSettingsError(f"{login} cannot become {', '.join(missing)}: log in as authenticator")


class Database:
    """The connections to the database, and the calls over them."""

    def __init__(self, settings: Settings, roles: Mapping[str, RoleSettings] | None = None) -> None:
        self._timeout = settings.request_timeout_seconds
        self._milliseconds = max(1, round(settings.request_timeout_seconds * 1000))
        self._pool_timeout = settings.pool_timeout_seconds
        self._roles = roles or {}
        self._turns = Turns(settings.pool_size, settings.max_waiting, settings.max_waiting_of_one)
        self.is_read_only = False
        """Whether the database could only read when ``is_there`` looked at it last."""
        self._statements: dict[tuple[str, frozenset[str], bool], Statement] = {}
        self.pool = pool_for(
            "wingman serve",
            settings.database_url,
            least=min(2, settings.pool_size),
            most=settings.pool_size,
            prepare=settings.prepare,
        )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The pool is open for as long as the context lasts."""
        await self.pool.open()
        try:
            yield
        finally:
            await self.pool.close()

    async def perform(self, call: Call) -> Reply:
        """Make a call. Raises Failure."""
        result = await self._execute(call.user, call.identity, self._executions(call))
        value, rows, headers, status = (result.get_value(0, column) for column in range(4))
        return Reply(value or b"null", int(rows or 0), headers, status)

    async def read(self, statement: Statement, parameters: Sequence[bytes]) -> PGresult:
        """Read as service_role, with the role settings of users. Raises Failure."""
        service, of_users = Identity.service(), self._roles.get("authenticated")
        given = (service.role, service.claims, "", "", "{}", "{}")
        assumed = (b"%d" % self._milliseconds, b"on", *(text.encode() for text in given))
        settings = [of_users.execution] if of_users and of_users.execution else []
        return await self._execute(_READER, service, [*settings, (_ASSUME, assumed), (statement, parameters)])

    async def write(
        self, statement: Statement, parameters: Sequence[bytes], user: str, request: HttpRequest
    ) -> PGresult:
        """Write as service_role. Raises Failure.

        Args:
            statement: what to execute.
            parameters: its parameters.
            user: who takes a turn with it.
            request: what asks for it.
        """
        service = Identity.service()
        beginning = self._beginning(service, request, reads=False)
        return await self._execute(user, service, [*beginning, (statement, parameters)])

    async def _execute(self, user: str, identity: Identity, executions: list[Execution]) -> PGresult:
        try:
            async with self._connection(user, self._pool_timeout) as connection:
                return await self._answered(connection, executions)
        except TooManyWaitingError as error:
            raise overloaded() from error
        except (WaitedTooLongError, PoolTimeout, PoolClosed) as error:
            raise no_connection() from error
        except psycopg.Error as error:
            raise failure_of(error, identity.role) from error

    async def is_there(self) -> bool | None:
        """Whether a call would find the database; None: calls have all connections, and that says nothing."""
        if self._turns.are_all_taken:
            return None
        try:
            async with self._connection("", _LOOK_SECONDS) as connection:
                look = own_transaction(connection, [(_LOOK, ())])
                result = await connection.wait(outcome(within(_LOOK_SECONDS, look)))
        except (PoolTimeout, PoolClosed, TooManyWaitingError, WaitedTooLongError):
            return False
        if isinstance(result, psycopg.Error):
            return False
        self.is_read_only = result.get_value(0, 0) == b"on"
        return True

    def statistics(self) -> Mapping[str, int]:
        """What is to be known of the connections: the pool's statistics, and how many calls wait."""
        return {**self.pool.get_stats(), "requests_waiting": self._turns.waiting}

    @asynccontextmanager
    async def _connection(self, user: str, timeout: float) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection of the pool, when it is the user's turn."""
        deadline = monotonic() + timeout
        async with self._turns.place(user, timeout):
            connection = await self._open_connection(deadline)
            try:
                yield connection
            finally:
                await async_uninterrupted(self.pool.putconn, connection)

    async def _open_connection(self, deadline: float) -> AsyncConnection[Any]:
        """A connection of the pool that the server has not closed while it was idle."""
        for _ in range(self.pool.max_size):
            connection = await self.pool.getconn(deadline - monotonic())
            if not was_closed(connection):
                return connection
            await connection.close()
            await async_uninterrupted(self.pool.putconn, connection)
        return await self.pool.getconn(deadline - monotonic())

    async def _answered(self, connection: AsyncConnection[Any], executions: Sequence[Execution]) -> PGresult:
        """The server's answer to a call; the connection is closed if the answer does not come in time.

        The server should cancel a call that takes too long. Cancelling the task would not help: the driver
        would first wait for the server again.
        """
        is_over = False

        def hang_up() -> None:
            nonlocal is_over
            is_over = True
            shut_down(connection)

        timer = asyncio.get_running_loop().call_later(self._timeout + _GRACE_SECONDS, hang_up)
        try:
            result = await connection.wait(outcome(own_transaction(connection, executions)))
        finally:
            timer.cancel()
        if isinstance(result, psycopg.Error):
            raise unanswered() if is_over else result
        return result

    def _beginning(self, identity: Identity, request: HttpRequest, *, reads: bool) -> list[Execution]:
        """What gives a transaction the caller's identity and settings, and tells it of the request."""
        of_role = self._roles.get(identity.role)
        limit = min(self._milliseconds, (of_role and of_role.statement_timeout) or self._milliseconds)
        assumed = (
            b"%d" % limit,
            b"on" if reads else None,
            identity.role.encode(),
            identity.claims.encode(),
            request.method.encode(),
            request.path.encode(),
            request.headers.encode(),
            request.cookies.encode(),
        )
        # first those of the role: the login may be allowed to set what the role is not
        return [*([of_role.execution] if of_role and of_role.execution else []), (_ASSUME, assumed)]

    def _executions(self, call: Call) -> list[Execution]:
        names = call.arguments.names
        rows = call.rows if call.function.returns_set else None
        parameters = [call.arguments.json.encode()] if names else []
        if rows is not None:
            parameters += [b"%d" % (rows.start + 1), b"%d" % rows.stop]
        return [
            # before the role, too
            *([_QUIETLY] if call.quiet else []),
            *self._beginning(call.identity, call.request, reads=call.read_only),
            *([(_IN_TIMEZONE, [call.timezone.encode()])] if call.timezone else []),
            (self._statement(call.function, names, is_cut=rows is not None), parameters),
        ]

    def _statement(self, function: Function, names: frozenset[str], *, is_cut: bool) -> Statement:
        key = function.name, names, is_cut
        if key not in self._statements:
            self._statements[key] = Statement.of(_text(function, names, is_cut=is_cut))
        return self._statements[key]


def _text(function: Function, names: frozenset[str], *, is_cut: bool) -> bytes:
    """The statement of a call: it reads the arguments from JSON by their types, as PostgREST does.

    Args:
        function: which is called.
        names: the names of the arguments.
        is_cut: whether two more parameters say which rows of a set are returned, the first and the last.
    """
    given = [argument for argument in function.arguments if argument.name in names]
    columns = ", ".join(f"{_quoted(argument.name)} {argument.sql_type}" for argument in given)
    passed = ", ".join(f"{_quoted(argument.name)} => {_quoted('g', argument.name)}" for argument in given)
    record = f"json_to_record($1) as g ({columns}), lateral " if given else ""
    if not function.returns_set:
        value = "to_json(r)::text, '1'"
    elif is_cut:
        cut = "[$2::int4:$3::int4]" if given else "[$1::int4:$2::int4]"
        value = f"coalesce(to_json((array_agg(r)){cut}), '[]')::text, count(*)::text"
    else:
        value = "coalesce(json_agg(r), '[]')::text, count(*)::text"
    settings = "current_setting('response.headers', true), current_setting('response.status', true)"
    called = f"{_quoted('public', function.name)}({passed})"
    # A function in FROM has returned before anything beside it is computed. The names are from the catalog.
    return f"select {value}, {settings} from {record}{called} as r".encode()  # noqa: S608


def _quoted(*names: str) -> str:
    return sql.Identifier(*names).as_string()


def shut_down(connection: BaseConnection[Any]) -> None:
    """Close a connection at once, in both directions; a task that waits for an answer notices."""
    with socket.socket(fileno=os.dup(connection.fileno())) as end, suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
