"""Where everything begins over HTTP: a server, and people with access tokens."""

from types import TracebackType
from typing import Self

from .._retries import RETRIES, Retries
from .._rpc import AsyncToken
from .caller import AsyncCaller


class AsyncWingmanHttpClient:
    """WingmanMatch behind HTTP. ``with_token`` gives the callers with the functions.

    A call is ``POST /rest/v1/rpc/<function>``, which a Supabase project, PostgREST behind that path, and
    ``wingman serve`` understand. It has the same answers, exceptions and keys as one over a connection to
    the database, and is made again under the same rules. It is always a transaction of its own.

    The client may be shared by threads or tasks. To use as a context manager, or with ``close``.

    Args:
        url: The URL of the project or server, without ``/rest/v1``.
        apikey: The project's key, which Supabase wants with every request. It says who the application is,
            not who the person is.
        max_connections: Connections open at most; a call waits for one of them.
        timeout: Seconds that a call waits for a connection, for it to be made, or for the server to say
            something; then it raises ConnectionLost.
        retries: How often a call is made, and after which waits.

    Raises:
        ModuleNotFoundError: httpx is missing, which the extra ``wingmanmatch[http]`` brings.
        ValueError: the URL is none, or the key could not be sent.
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
        """The functions as whoever the token is for may call them: a signed-in person, or the service.

        The server verifies the token; nobody can be vouched for here. A call with one that is not valid
        raises NotAuthenticated. The service names the person by ``user_id``.

        Args:
            token: An access token, or what gives one: it is asked before each attempt, so that it can give
                a new token when the old one expires. What it raises, the call raises.
        """
        return AsyncCaller(self._transport, token)
