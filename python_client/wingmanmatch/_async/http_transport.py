"""How a call gets to the database over HTTP, in PostgREST's form."""

import json
from contextlib import aclosing
from time import monotonic
from typing import Any

import httpx

from .. import _http as http
from .._places import AsyncPlaces
from .._retries import Retries, async_sleep
from .._rpc import AsyncIterated, AsyncToken, Call, Reply
from ..errors import ConnectionLost, RateLimited, WingmanError
from .transport import AsyncTransport


class AsyncHttpTransport(AsyncTransport[AsyncToken]):
    """Makes each call a request, and so a separate transaction, over connections that are kept open."""

    def __init__(
        self, url: str, apikey: str | None, max_connections: int, timeout: float, retries: Retries
    ) -> None:
        self._was_used = False
        super().__init__(retries)
        tls = httpx.create_ssl_context()
        self._client = httpx.AsyncClient(
            base_url=http.rest_url(url),
            headers=http.headers(apikey),
            timeout=timeout,
            verify=tls,
            limits=httpx.Limits(
                max_connections=max_connections,
                max_keepalive_connections=max_connections,
                keepalive_expiry=http.KEEP_ALIVE_SECONDS,
            ),
        )

        self._places = AsyncPlaces(max_connections, timeout)
        self._stream_url = http.stream_url(url)
        # a stream keeps a connection of its own, so that calls do not wait for one
        self._streams = httpx.AsyncClient(
            headers=http.headers(apikey) | {"Accept": http.STREAM},
            timeout=httpx.Timeout(timeout, read=max(timeout, http.SILENCE_SECONDS)),
            verify=tls,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def _is_open(self) -> bool:
        return self._was_used and not self._client.is_closed

    async def close(self) -> None:
        """Close the connections, unless they are another process's."""
        if not self.forks.are_inherited:
            await self._client.aclose()
            await self._streams.aclose()

    async def follow(self, who: AsyncToken, after: str | None, every: float) -> AsyncIterated[Any]:
        """The notifications of the token's user, from the server's stream, or by polling if it has none."""
        self.forks.check()
        failures, first_failure = 0, 0.0
        has_begun = False
        while True:
            begun = monotonic()
            try:
                async with aclosing(self._listen(who, after)) as messages:
                    async for message in messages:
                        has_begun, after = True, message.id
                        if message.event == "notification":
                            failures = 0
                            yield json.loads(message.data)
                raise ConnectionLost("The server has ended the stream")
            except http.NoStreamError:
                break
            except WingmanError as error:
                now = monotonic()
                failures = 1 if now - begun > self._retries.duration else failures + 1
                first_failure = now if failures == 1 else first_failure
                wait = self._retries.wait(failures)
                is_passing = error.retryable
                if isinstance(error, RateLimited) and has_begun:
                    # the server still counts the connection that was lost
                    wait, is_passing = max(wait, error.retry_after), True
                if isinstance(error, ConnectionLost):
                    error.may_have_taken_effect = False
                if (
                    not is_passing
                    or self._client.is_closed
                    or not self._retries.allow(failures, now - first_failure)
                ):
                    raise
            await async_sleep(wait)
        async with aclosing(super().follow(who, after, every)) as told:
            async for row in told:
                yield row

    async def _listen(self, who: AsyncToken, after: str | None) -> AsyncIterated[http.Message]:
        """The messages of one connection. Raises WingmanError."""
        if self._client.is_closed:
            raise ConnectionLost("The client is closed")
        self._was_used = True
        token = who if isinstance(who, str) else await who()
        headers = http.authorization(token) | ({} if after is None else {"Last-Event-ID": after})
        messages = http.Messages()
        with http.translated_errors():
            async with self._streams.stream("GET", self._stream_url, headers=headers) as response:
                if response.headers.get("Content-Type") != http.STREAM:
                    await response.aread()
                http.check_stream(response)
                async for piece in response.aiter_bytes():
                    for message in messages.read(piece):
                        yield message

    async def _attempt(self, call: Call, who: AsyncToken) -> Reply:
        if self._client.is_closed:
            raise ConnectionLost("The client is closed")
        self._was_used = True
        # Called for each attempt: the token may have expired since the last one.
        token = who if isinstance(who, str) else await who()
        headers, content = http.authorization(token), http.body(call)
        with http.translated_errors():
            async with self._places.place():
                response = await self._client.post(call.function, headers=headers, content=content)
        return http.read_reply(call, response)

    def _can_repeat(self, error: WingmanError) -> bool:
        # The call has already waited as long as it may for a connection of the client.
        return not self._client.is_closed and not isinstance(error.__cause__, httpx.PoolTimeout)

    async def _recover(self) -> None:
        """Does nothing: a connection that the server has closed is noticed before it is used."""
