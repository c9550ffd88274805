"""How a call gets to the database over HTTP, in PostgREST's form."""

import httpx

from .. import _http as http
from .._retries import Retries
from .._rpc import AsyncToken, Call, Reply
from ..errors import ConnectionLost, WingmanError
from .transport import AsyncTransport


class AsyncHttpTransport(AsyncTransport[AsyncToken]):
    """Makes each call a request, and so a separate transaction, over connections that are kept open."""

    def __init__(
        self, url: str, apikey: str | None, max_connections: int, timeout: float, retries: Retries
    ) -> None:
        self._was_used = False
        super().__init__(retries)
        self._client = httpx.AsyncClient(
            base_url=http.rest_url(url),
            headers=http.headers(apikey),
            timeout=timeout,
            limits=httpx.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections,
                keepalive_expiry=http.KEEP_ALIVE_SECONDS,
            ),
        )

    def _is_open(self) -> bool:
        return self._was_used and not self._client.is_closed

    async def close(self) -> None:
        """Close the connections, unless they are another process's."""
        if not self.forks.are_inherited:
            await self._client.aclose()

    async def _attempt(self, call: Call, who: AsyncToken) -> Reply:
        if self._client.is_closed:
            raise ConnectionLost("The client is closed")
        self._was_used = True
        # Called for each attempt: the token may have expired since the last one.
        token = who if isinstance(who, str) else await who()
        headers, content = http.authorization(token), http.body(call)
        with http.translated_errors():
            response = await self._client.post(call.function, headers=headers, content=content)
        return http.read_reply(call, response)

    def _can_repeat(self, error: WingmanError) -> bool:
        # The call has already waited as long as it may for a connection of the client.
        return not self._client.is_closed and not isinstance(error.__cause__, httpx.PoolTimeout)

    async def _recover(self) -> None:
        """Does nothing: a connection that the server has closed is noticed before it is used."""
