"""The entry point over HTTP: a client of a server, which gives a caller for each access token."""

from types import TracebackType
from typing import Self

from .._retries import RETRIES, Retries
from .._rpc import AsyncToken
from .caller import AsyncCaller


class AsyncWingmanHttpClient:
    """WingmanMatch behind HTTP. ``with_token`` returns callers with the functions.

    A call is ``POST /rest/v1/rpc/<function>``, which a Supabase project, PostgREST behind that path, and
    ``wingman serve`` understand. It has the same answers, exceptions and keys as one over a connection to
    the database, and is retried under the same rules. It is always a separate transaction.

    Threads or tasks can share the client. Use it as a context manager, or with ``close``.

    Args:
        url: The URL of the project or server, without ``/rest/v1``.
        apikey: The project's key, which Supabase requires with every request. It identifies the application,
            not the user.
        max_connections: The most connections to open; a call waits for one of them.
        timeout: Seconds that a call waits for a free connection, for a new one to open, or for the server to
            send something; then it raises ConnectionLost.
        retries: For how long a call is retried, and how long to wait in between.

    Raises:
        ModuleNotFoundError: httpx is missing; the extra ``wingmanmatch[http]`` installs it.
        ValueError: the URL is not valid, or the key cannot be sent.
    """

    def __init__(
        self,
        url: str,
        *,
        apikey: str | None = None,
        max_connections: int = 10,
        timeout: float = 30.0,
        retries: Retries = RETRIES,
    ) -> None:
        # The rest of the client does without httpx.
        from .http_transport import AsyncHttpTransport

        self._transport = AsyncHttpTransport(url, apikey, max_connections, timeout, retries)

    async def close(self) -> None:
        """Close the connections. Calls after that raise ConnectionLost."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        error_class: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    def with_token(self, token: AsyncToken) -> AsyncCaller:
        """The functions as the owner of the token can call them: a signed-in user, or the service.

        The server verifies the token. A call with an invalid one raises NotAuthenticated. The service names
        the user with ``user_id``.

        Args:
            token: An access token, or a function that returns one. It is called before each attempt, so it
                can return a new token when the old one expires. The call raises whatever it raises.
        """
        return AsyncCaller(self._transport, token)
