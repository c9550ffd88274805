"""HTTP POST to somebody else's server, with limits to what that server can do to us."""

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import inf
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

    Args:
        connections: the most that are open.
        tls: how certificates are checked; by default, with those that the system trusts.
        network: how connections are made.
    """

    def __init__(
        self,
        connections: int,
        tls: ssl.SSLContext | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=_KEEP_SECONDS,
            network_backend=network or httpcore.AnyIOBackend(),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def post(self, url: httpx.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send a request; whoever calls limits its time.

        Raises:
            httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError: there was no answer.
            AddressNotAllowedError: the network refuses the address.
        """
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path or b"/"
        )
        async with self._pool.stream(
            "POST",
            target,
            headers=[("Host", url.netloc.decode()), ("User-Agent", _USER_AGENT), *headers.items()],
            content=body,
            extensions={"timeout": {"connect": _CONNECT_SECONDS}},
        ) as response:
            size = 0
            async for part in response.aiter_stream():
                size += len(part)
                if size > _MAX_ANSWER_BYTES:
                    break
        wanted = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
        return Answer(response.status, seconds_of(wanted.decode("latin-1")))


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
