"""The other sides of a measurement: they take everything at once, and note when it came."""

import asyncio
import ssl
from collections.abc import Callable
from time import perf_counter

Note = Callable[[str, float], None]
"""The id of a message, and when it came."""
Sink = tuple[asyncio.Server, int]
"""A server, and its port."""

_ANSWER = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"


class HttpSink(asyncio.Protocol):
    """Answers each request with 201.

    Args:
        header: which header is the id, in lower case.
        note: is told of each request.
    """

    def __init__(self, header: bytes, note: Note) -> None:
        self._header = b"\r\n" + header + b": "
        self._note = note
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, rest = self._received.partition(b"\r\n\r\n")
            # the names of headers are as the worker writes them
            length = int(head.lower().partition(b"\r\ncontent-length: ")[2].partition(b"\r\n")[0])
            if len(rest) < length:
                return
            at = head.lower().index(self._header) + len(self._header)
            self._note(head[at:].partition(b"\r\n")[0].decode(), perf_counter())
            self._received = rest[length:]
            self._transport.write(_ANSWER)


async def http_sink(header: bytes, note: Note, tls: ssl.SSLContext | None = None) -> Sink:
    """A server that takes requests."""
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpSink(header, note), "127.0.0.1", 0, ssl=tls, backlog=1024
    )
    return server, server.sockets[0].getsockname()[1]


class MailSink(asyncio.Protocol):
    """Takes every message.

    Args:
        note: is told of each, by its Message-ID.
    """

    def __init__(self, note: Note) -> None:
        self._note = note
        self._received = b""
        self._is_content = False
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink.test\r\n")

    def data_received(self, data: bytes) -> None:
        assert self._transport
        self._received += data
        while (end := b"\r\n.\r\n" if self._is_content else b"\r\n") in self._received:
            what, _, self._received = self._received.partition(end)
            if self._is_content:
                message_id = what.partition(b"\r\nMessage-ID: <")[2].partition(b"@")[0]
                self._note(message_id.decode(), perf_counter())
            self._is_content = what == b"DATA"
            self._transport.write(b"354 go on\r\n" if self._is_content else b"250 ok\r\n")


async def mail_sink(note: Note) -> Sink:
    """A mail server that takes everything."""

    server = await asyncio.get_running_loop().create_server(lambda: MailSink(note), "127.0.0.1", 0)
    return server, server.sockets[0].getsockname()[1]
