"""HTTP/1.1 on one connection: uvicorn's fast protocol, with limits on a request's head."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from wingmanmatch.http.settings import Settings

_INVALID: Final = "Invalid HTTP request received."
_KEY: Final = "wingmanmatch.connection"
_UNACKNOWLEDGED_SECONDS: Final = 30
"""How long a client may leave unacknowledged what a stream has sent."""
_FAREWELL_SECONDS: Final = 1.0
"""How long a client may take to receive the end of a stream when the server shuts down."""


def connection_of(scope: Scope) -> "Protocol":
    """The connection of a request."""
    connection: Protocol = scope[_KEY]
    return connection


class Protocol(HttpToolsProtocol):
    """The protocol of a connection. The head of a request must arrive in time, and has a bounded length."""

    def __init__(self, settings: Settings, **given: Any) -> None:
        super().__init__(**given)
        self._max_header_bytes = settings.max_header_bytes
        self._head_seconds = settings.request_timeout_seconds
        self._head_timer: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._in_head = False
        self._end: Callable[[], None] | None = None
        self._is_ending = False
        self._begin()

    def _begin(self) -> None:
        self.parser = HttpRequestParser(self)
        # if a body has two lengths, its chunks decide (RFC 9112, 6.3)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True, lenient_chunked_length=True)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has connected."""
        super().connection_made(transport)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop_watching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Data has arrived."""
        self._unset_keepalive_if_required()
        while data and not self.transport.is_closing():
            # The length of a head is that of the pieces that contain it, whatever else is in the first one.
            piece, data = data[: self._max_header_bytes], data[self._max_header_bytes :]
            try:
                self.parser.feed_data(piece)
            except HttpParserUpgrade as offer:
                data = self._without_upgrade() + piece[offer.args[0] :] + data
            except HttpParserError:
                self.send_400_response(_INVALID)
                continue
            self._head_bytes = self._head_bytes + len(piece) if self._in_head else 0
            if self._head_bytes > 2 * self._max_header_bytes:
                self.send_400_response(_INVALID)
        self._watch()

    def _without_upgrade(self) -> bytes:
        """A head that offers an upgrade, without the offer.

        The server may ignore the offer. The parser does not: it treats the body as another protocol's.
        """
        self._begin()
        lines = [f"{self.scope['method']} {self.url.decode()} HTTP/{self.scope['http_version']}".encode()]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _should_upgrade(self) -> bool:
        # nothing is begun with such a head
        return True

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self.scope[_KEY] = self  # type: ignore[typeddict-unknown-key]
        self._in_head = True

    def on_headers_complete(self) -> None:
        """A head is complete."""
        self._in_head = False
        if not self._is_valid():
            raise HttpParserError(_INVALID)
        super().on_headers_complete()

    def _is_valid(self) -> bool:
        """Whether a head conforms to HTTP/1 where the parser does not check it."""
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        return (
            version in ("1.0", "1.1")
            and (hosts == 1 or (version == "1.0" and not hosts))
            and self.parser.get_method() != b"CONNECT"
            and dict(self.headers).get(b"transfer-encoding", b"chunked").lower() == b"chunked"
        )

    def lasts(self, end: Callable[[], None] | None) -> None:
        """The response is a stream, to be ended when the server shuts down.

        Args:
            end: ends it; None: it has ended.
        """
        self._end = end
        if end is None:
            return
        sender = self.transport.get_extra_info("socket")
        if sender is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            # otherwise a client whose network has gone would count as connected for a quarter of an hour
            with suppress(OSError):
                sender.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKNOWLEDGED_SECONDS * 1000)
        if self._is_ending:
            end()

    def shutdown(self) -> None:
        """The server shuts down."""
        self._is_ending = True
        super().shutdown()
        if self._end is not None:
            self._end()
            self.loop.call_later(_FAREWELL_SECONDS, self.hang_up)

    def hang_up(self) -> None:
        """Close the connection at once, even if not everything has been sent."""
        self.transport.abort()

    def _watch(self) -> None:
        """Close the connection after a while, however slowly data arrives, unless a request is complete."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_watching()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self._head_seconds, self.timeout_keep_alive_handler)

    def _stop_watching(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
