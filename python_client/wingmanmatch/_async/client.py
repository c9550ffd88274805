"""The entry point: a client of a database, which gives a caller for each user."""

from types import TracebackType
from typing import Any, Self

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from .._retries import CALL_TIMEOUT, RETRIES, Retries
from .._rpc import Id
from ..call.identity import Identity
from ..call.limits import limits_for
from ..call.reconnecting import RECONNECT_TIMEOUT, async_reconnect
from .caller import AsyncCaller
from .http_client import AsyncWingmanHttpClient
from .transport import AsyncConnectionTransport, AsyncPoolTransport, AsyncTransport


class AsyncWingmanClient:
    """A database with WingmanMatch in it. ``as_user`` and ``as_service`` return callers with the functions.

    The connections must log in as a member of the roles ``authenticated`` and ``service_role``, as
    ``authenticator`` is. Every call takes one network round trip. You can share the client as you can share
    its pool; on a connection, calls take turns, and nothing else may use it while a call is in progress.

    A call that fails temporarily (Busy, ConnectionLost) is retried if that cannot do anything twice: it only
    reads or has an idempotency key, and was a separate transaction. If your own connection is lost, the
    client does not replace it.

    Connections belong to the process that opened them. After a fork, calls of the child raise RuntimeError:
    make a client in each process.

    Args:
        pool: Your pool. You open and close it.
        connection: Your connection. In an open transaction, or without autocommit, a call neither commits
            nor rolls back: it becomes part of the transaction, and an error leaves that usable and without a
            trace of the call. On an idle autocommit connection each call is its own transaction.
        retries: For how long such a call is retried, and how long to wait in between.
        call_timeout: Seconds that a call waits for the server's answer. Then the connection is closed; the
            call is retried, if it may be, or raises ConnectionLost. None: no limit.

    Raises:
        TypeError: you gave both, or neither.
    """

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[Any] | None = None,
        connection: AsyncConnection[Any] | None = None,
        retries: Retries = RETRIES,
        call_timeout: float | None = CALL_TIMEOUT,
    ) -> None:
        self._own_pool: AsyncConnectionPool[Any] | None = None
        self._transport: AsyncTransport[Identity]
        if pool is not None and connection is None:
            self._transport = AsyncPoolTransport(pool, retries, call_timeout)
        elif connection is not None and pool is None:
            self._transport = AsyncConnectionTransport(connection, retries, call_timeout)
        else:
            raise TypeError("Give either a pool or a connection")

    @classmethod
    def connect(
        cls,
        conninfo: str,
        *,
        min_size: int = 1,
        max_size: int = 10,
        timeout: float = 30.0,
        prepare: bool = True,
        retries: Retries = RETRIES,
        call_timeout: float | None = CALL_TIMEOUT,
    ) -> Self:
        """Make a client with its own pool; use it as a context manager, or with ``open`` and ``close``.

        Args:
            conninfo: A PostgreSQL URL or ``key=value`` string. Unless it says otherwise, a connection that is
                not made within 10 seconds fails, and TCP notices within a minute that the other side is gone.
            min_size: Connections kept open.
            max_size: The most connections to open.
            timeout: Seconds that a call waits for a connection; then it raises ConnectionLost without
                retrying.
            prepare: Whether statements are prepared on the server. Give false behind a transaction-mode
                pooler that does not track prepared statements; a connection that has lost one goes on
                without.
            retries: See the class.
            call_timeout: See the class.
        """
        kwargs: dict[str, Any] = {
            "autocommit": True,
            "fallback_application_name": "wingmanmatch",
            **limits_for(conninfo),
        }
        if not prepare:
            kwargs["prepare_threshold"] = None
        pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            conninfo,
            kwargs=kwargs,
            min_size=min_size,
            max_size=max_size,
            timeout=timeout,
            open=False,
            reconnect_timeout=RECONNECT_TIMEOUT,
            reconnect_failed=async_reconnect,
        )
        client = cls(pool=pool, retries=retries, call_timeout=call_timeout)
        client._own_pool = pool
        return client

    @staticmethod
    def over_http(
        url: str,
        *,
        apikey: str | None = None,
        max_connections: int = 10,
        timeout: float = 30.0,
        retries: Retries = RETRIES,
    ) -> AsyncWingmanHttpClient:
        """Make a client of an HTTP server instead of a database; tokens identify its callers.

        Args:
            url: The URL of a Supabase project, or of ``wingman serve``.
            apikey: The project's key.
            max_connections: The most connections to open.
            timeout: Seconds that a call waits for the server.
            retries: See the class.
        """
        return AsyncWingmanHttpClient(
            url, apikey=apikey, max_connections=max_connections, timeout=timeout, retries=retries
        )

    async def open(self) -> None:
        """Open the client's own pool, if it has one. A pool can be opened only once."""
        if self._own_pool is not None:
            await self._own_pool.open()

    async def close(self) -> None:
        """Close the client's own pool, if it has one. A forked process leaves its parent's open."""
        if self._own_pool is not None and not self._transport.forks.are_inherited:
            await self._own_pool.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def as_user(self, user_id: Id, *, email: str | None = None) -> AsyncCaller:
        """The functions as a signed-in user can call them. You vouch for the user's identity.

        Over HTTP this is not possible: there, ``with_token`` takes the user's own access token.

        Args:
            user_id: The user.
            email: The e-mail address of the user's account, as an access token contains it. Only this one can
                the user have e-mails sent to, and only after confirming it.
        """
        return AsyncCaller(self._transport, Identity.user(user_id, email))

    def as_service(self) -> AsyncCaller:
        """The functions as your own servers can call them: on behalf of any user, named by ``user_id``."""
        return AsyncCaller(self._transport, Identity.service())
