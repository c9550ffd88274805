"""A server of somebody else: takes requests, and answers them as the test wants."""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any

import trustme

_DEADLINE_SECONDS = 15.0
_PART = b"x" * 65_536


@dataclass(frozen=True)
class Request:
    """What was received."""

    path: str
    headers: HTTPMessage
    body: bytes
    at: float


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs: bool = False
    """There is no answer until the receiver closes."""
    hangs_up: bool = False
    """The connection is closed afterwards, which nothing announces."""
    is_endless: bool = False
    """The body does not end."""


@dataclass
class Receiver:
    """A server, and what it has received."""

    port: int
    reply: Callable[[Request], Reply] = lambda request: Reply()
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    sent_bytes: int = 0
    """Of endless bodies."""
    changed: threading.Condition = field(default_factory=threading.Condition)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it is, without TLS."""
        return f"http://127.0.0.1:{self.port}"

    def answers(self, status: int, **headers: str) -> None:
        """Answer this from now on."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.reply = lambda request: Reply(status, named)

    def holds(self) -> threading.Event:
        """Take requests, and answer none until this is set."""
        released = threading.Event()

        def reply(_: Request) -> Reply:
            released.wait()
            return Reply()

        self.reply = reply
        return released

    def receives(self, number: int) -> list[Request]:
        """Wait for so many requests. Raises TimeoutError: there are fewer."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.requests) >= number, _DEADLINE_SECONDS):
                raise TimeoutError(f"{len(self.requests)} requests")
        return self.requests


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _DEADLINE_SECONDS
        disable_nagle_algorithm = True

        def setup(self) -> None:
            if tls:
                self.request = tls.wrap_socket(self.request, server_side=True)
            super().setup()
            with receiver.changed:
                receiver.connections += 1

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            request = Request(self.path, self.headers, body, time())
            with receiver.changed:
                receiver.requests.append(request)
                receiver.changed.notify_all()
            reply = receiver.reply(request)
            if reply.hangs:
                receiver.closing.wait()
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.is_endless:
                self.end_headers()
                self._write_without_end()
                return
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
            self.close_connection = reply.hangs_up

        do_GET = do_POST

        def _write_without_end(self) -> None:
            self.close_connection = True
            while not receiver.closing.is_set():
                self.wfile.write(_PART)
                receiver.sent_bytes += len(_PART)

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, *_: Any) -> None:
            # the other side has hung up
            pass

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.closing.set()
            server.shutdown()
            with suppress(RuntimeError):
                thread.join(_DEADLINE_SECONDS)


class Authority:
    """A certificate authority for tests."""

    def __init__(self) -> None:
        self._authority = trustme.CA()

    def server_context(self, *hosts: str) -> ssl.SSLContext:
        """The TLS of a server with a certificate for these hosts."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*hosts).configure_cert(context)
        return context

    def client_context(self) -> ssl.SSLContext:
        """The TLS of a client that trusts it, and nobody else."""
        return ssl.create_default_context(cadata=self.pem)

    @property
    def pem(self) -> str:
        """Its certificate."""
        return self._authority.cert_pem.bytes().decode()
