"""Whether the worker is alive, whether it can send, and its metrics, over HTTP."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from socket import socket
from socketserver import ThreadingMixIn
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_MAX_AGE_SECONDS: Final = 15.0
"""After this time without a sign of life something is wrong."""
_REQUEST_SECONDS: Final = 5.0

Age = Callable[[], float]
"""How many seconds ago there was a sign of life."""


@contextmanager
def monitoring(
    listener: socket, registry: CollectorRegistry, loop_age: Age, database_age: Age
) -> Iterator[None]:
    """Answer in a thread of its own, which notices if the worker hangs.

    Args:
        listener: the socket that listens.
        registry: the metrics.
        loop_age: when the worker last did anything.
        database_age: when the database last answered.
    """

    def answer(environment: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        match environment["PATH_INFO"]:
            case "/metrics":
                start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
                return [generate_latest(registry)]
            case "/healthz":
                problem = "The worker hangs" if loop_age() > _MAX_AGE_SECONDS else None
                told = {"status": "not ok", "reason": problem} if problem else {"status": "ok"}
            case "/readyz":
                problem = "The database cannot be reached" if database_age() > _MAX_AGE_SECONDS else None
                told = {"status": "not ready", "reason": problem} if problem else {"status": "ready"}
            case _:
                start("404 Not Found", [("Content-Type", "application/json")])
                return [b'{"error": "not_found"}']
        start("503 Service Unavailable" if problem else "200 OK", [("Content-Type", "application/json")])
        return [json.dumps(told).encode()]

    host, port = listener.getsockname()[:2]
    server = _Server((host, port), _Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = host, port
    server.setup_environ()
    server.set_app(answer)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Pulse:
    """The last sign of life."""

    def __init__(self) -> None:
        self._at = monotonic()

    def beat(self) -> None:
        """There is one."""
        self._at = monotonic()

    def age(self) -> float:
        """How many seconds ago it was."""
        return monotonic() - self._at


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    timeout = _REQUEST_SECONDS

    def log_message(self, *_: object) -> None:
        """Say nothing."""
