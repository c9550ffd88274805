"""Where everything begins: a database, and people who ask it."""

from types import TracebackType
from typing import Any, Self

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from .._retries import RETRIES, Retries
from .._rpc import Id
from ..call.identity import Identity
from .caller import AsyncCaller
from .http_client import AsyncWingmanHttpClient
from .transport import AsyncConnectionTransport, AsyncPoolTransport, AsyncTransport


class AsyncWingmanClient:
    """A database with WingmanMatch in it. ``as_user`` and ``as_service`` give the callers with the functions.

    The connections must log in as a member of the roles ``authenticated`` and ``service_role``, as
    ``authenticator`` is. Every call takes one network round trip. The client may be shared as its pool may;
    with a connection, calls take turns, and nobody else may use that connection while one is under way.

    A call that fails for the moment (Busy, ConnectionLost) is made again where that cannot do a thing twice:
    it only reads or has an idempotency key, and was a transaction of its own. A connection of the caller's
    that is lost stays lost.

    Args:
        pool: The caller's pool, which stays the caller's to open and close.
        connection: The caller's connection. In an open transaction, or without autocommit, a call neither
            commits nor rolls back: it becomes part of the transaction, and an error leaves that usable and
            without a trace of the call. On an idle autocommit connection each call is its own transaction.
        retries: How often such a call is made, and after which waits.

    Raises:
        TypeError: both or none of the two were given.
    """

    def __init__(
        self,
        *,
        pool: AsyncConnectionPool[Any] | None = None,
        connection: AsyncConnection[Any] | None = None,
        retries: Retries = RETRIES,
    ) -> None:
        self._own_pool: AsyncConnectionPool[Any] | None = None
        self._transport: AsyncTransport[Identity]
        if pool is not None and connection is None:
            self._transport = AsyncPoolTransport(pool, retries)
        elif connection is not None and pool is None:
            self._transport = AsyncConnectionTransport(connection, retries)
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
    ) -> Self:
        """Make a client with a pool of its own, to use as a context manager, or with ``open`` and ``close``.

        Args:
            conninfo: A PostgreSQL URL or ``key=value`` string.
            min_size: Connections kept open.
            max_size: Connections open at most.
            timeout: Seconds that a call waits for a connection; then it raises ConnectionLost, and does not
                try again.
            prepare: Whether statements are prepared on the server. Give false behind a transaction-mode
                pooler that does not follow prepared statements; a connection that has lost one goes on
                without.
            retries: See the class.
        """
        kwargs: dict[str, Any] = {"autocommit": True, "fallback_application_name": "wingmanmatch"}
        if not prepare:
            kwargs["prepare_threshold"] = None
        pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
            conninfo, kwargs=kwargs, min_size=min_size, max_size=max_size, timeout=timeout, open=False
        )
        client = cls(pool=pool, retries=retries)
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
        """Make a client of a server instead of a database: the callers there are known by their tokens.

        Args:
            url: The URL of a Supabase project, or of ``wingman serve``.
            apikey: The project's key.
            max_connections: Connections open at most.
            timeout: Seconds that a call waits for the server.
            retries: See the class.
        """
        return AsyncWingmanHttpClient(
            url, apikey=apikey, max_connections=max_connections, timeout=timeout, retries=retries
        )

    async def open(self) -> None:
        """Open the client's own pool, where it has one. It may be opened once."""
        if self._own_pool is not None:
            await self._own_pool.open()

    async def close(self) -> None:
        """Close the client's own pool, where it has one."""
        if self._own_pool is not None:
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

    def as_user(self, user_id: Id) -> AsyncCaller:
        """The functions as a signed-in person may call them. Whoever calls this vouches for the person.

        Over HTTP that cannot be: there ``with_token`` takes the person's own access token.
        """
        return AsyncCaller(self._transport, Identity.user(user_id))

    def as_service(self) -> AsyncCaller:
        """The functions as the business's own servers may call them: for anybody, named by ``user_id``."""
        return AsyncCaller(self._transport, Identity.service())
