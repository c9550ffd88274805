"""HTTP POST to somebody else's server, with limits to what that server can do to us."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf
from time import monotonic
from typing import Final

import httpcore
import httpx

from wingmanmatch import __version__
from wingmanmatch.deliver.addresses import AddressNotAllowedError
from wingmanmatch.deliver.delivery import Result, retry

_CONNECT_SECONDS: Final = 10.0
_KEEP_SECONDS: Final = 30.0
"""How long an idle connection is kept."""
_MAX_ANSWER_BYTES: Final = 65_536
"""How much of an answer is read; a longer one costs its connection."""
_USER_AGENT: Final = f"WingmanMatch/{__version__}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side has answered."""

    status: int
    retry_after_seconds: float | None
    """How long it wants us to wait."""

    @property
    def is_success(self) -> bool:
        """Whether it has accepted the message."""
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The status as the code of an error."""
        return f"http_{self.status}"

    def retry(self) -> Result:
        """It is to be sent again."""
        return retry(self.code, self.retry_after_seconds)


class Poster:
    """Sends requests over HTTP/1.1; follows no redirect, keeps no cookie, and uses no proxy.

    It keeps its connections itself: the pool of httpcore looks at all of them for each request, and with a
    hundred at once lets some requests wait for many seconds.

    Args:
        connections: the most that are kept for later requests.
        tls: how certificates are checked; by default, with those that the system trusts.
        network: how connections are made.
    """

    def __init__(
        self,
        connections: int,
        tls: ssl.SSLContext | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._tls = tls or ssl.create_default_context()
        self._network = network or httpcore.AnyIOBackend()
        self._most = connections
        self._idle: dict[str, list[httpcore.AsyncHTTP11Connection]] = {}
        self._tidied_at = monotonic()

    async def aclose(self) -> None:
        """Close the connections."""
        for connection in [one for its in self._idle.values() for one in its]:
            await connection.aclose()
        self._idle.clear()

    async def post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; whoever calls limits its time.

        Raises:
            httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: there was no answer.
            OSError: the same.
            AddressNotAllowedError: the network refuses the address.
        """
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        )
        request = httpcore.Request(
            "POST",
            target,
            headers=[
                ("Host", url.netloc.decode()),
                ("User-Agent", _USER_AGENT),
                ("Content-Length", str(len(body))),
                *headers.items(),
            ],
            content=body,
        )
        if connection := await self._kept(target.origin):
            try:
                return await self._answer(connection, request)
            except (httpcore.NetworkError, httpcore.RemoteProtocolError):
                # the other side has closed it in the meantime, as it may; if it has still taken the message,
                # that comes again with the same id
                pass
        return await self._answer(await self._connected(target.origin), request)

    async def _answer(self, connection: httpcore.AsyncHTTP11Connection, request: httpcore.Request) -> Answer:
        try:
            response = await connection.handle_async_request(request)
            try:
                size = 0
                async for part in response.aiter_stream():
                    size += len(part)
                    if size > _MAX_ANSWER_BYTES:
                        break
            finally:
                await response.aclose()
        except BaseException:
            await connection.aclose()
            raise
        await self._keep(request.url.origin, connection)
        wanted = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
        return Answer(response.status, seconds_of(wanted.decode("latin-1")))

    async def _connected(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection:
        async with asyncio.timeout(_CONNECT_SECONDS):
            host = origin.host.decode()
            stream = await self._network.connect_tcp(host, origin.port)
            if origin.scheme == b"https":
                plain = stream
                try:
                    stream = await plain.start_tls(self._tls, server_hostname=host)
                except BaseException:
                    await plain.aclose()
                    raise
        return httpcore.AsyncHTTP11Connection(origin, stream, keepalive_expiry=_KEEP_SECONDS)

    async def _kept(self, origin: httpcore.Origin) -> httpcore.AsyncHTTP11Connection | None:
        """A connection that was used before."""
        its = self._idle.get(str(origin), [])
        while its:
            connection = its.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    async def _keep(self, origin: httpcore.Origin, connection: httpcore.AsyncHTTP11Connection) -> None:
        if monotonic() - self._tidied_at > _KEEP_SECONDS:
            await self._tidy()
        if connection.is_idle() and sum(map(len, self._idle.values())) < self._most:
            self._idle.setdefault(str(origin), []).append(connection)
        else:
            await connection.aclose()

    async def _tidy(self) -> None:
        """Close what was kept for too long, or by the other side."""
        self._tidied_at = monotonic()
        kept, self._idle = self._idle, {}
        for origin, its in kept.items():
            for connection in its:
                if connection.has_expired():
                    await connection.aclose()
                else:
                    self._idle.setdefault(origin, []).append(connection)


def seconds_of(retry_after: str, now: datetime | None = None) -> float | None:
    """How long ``Retry-After`` asks us to wait: it has seconds or a time. None if it has neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        seconds = float(text)
        return seconds if seconds < inf else None
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - (now or datetime.now(UTC))).total_seconds())


def code_of(error: Exception) -> str:
    """Why there was no answer."""
    causes = list(_causes(error))
    for cause in causes:
        match cause:
            case AddressNotAllowedError():
                return "address_not_allowed"
            case ssl.SSLCertVerificationError():
                return "certificate_not_valid"
            case socket.gaierror():
                return "name_not_resolved"
            case ConnectionRefusedError():
                return "connection_refused"
    for cause in causes:
        match cause:
            case httpcore.TimeoutException() | TimeoutError():
                return "timeout"
            case ssl.SSLError():
                return "tls_failed"
            case httpcore.ConnectError():
                return "connection_failed"
            case httpcore.ProtocolError():
                return "protocol_error"
            case OSError() | httpcore.NetworkError():
                return "connection_lost"
    return "internal_error"


EXPECTED: Final = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    AddressNotAllowedError,
    OSError,
)
"""What can happen to a request, which is not an error of ours."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    open_ = [error]
    while open_:
        one = open_.pop()
        if id(one) in seen or isinstance(one, asyncio.CancelledError):
            continue
        seen.add(id(one))
        yield one
        open_ += [cause for cause in (one.__cause__, one.__context__) if cause]
        if isinstance(one, BaseExceptionGroup):
            open_ += one.exceptions
