"""The application on a socket: uvicorn with suitable limits."""

import logging
import signal
import sys
from functools import partial
from socket import socket

import uvicorn
from starlette.types import ASGIApp

from wingmanmatch.http.app import create_app
from wingmanmatch.http.listening import url_of
from wingmanmatch.http.logs import log_as_json
from wingmanmatch.http.protocol import Protocol
from wingmanmatch.http.record import LOGGED
from wingmanmatch.http.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings, listener: socket, admin_url: str = "") -> None:
    """Serve in this process until SIGTERM or SIGINT.

    Args:
        settings: the application's.
        listener: the socket that listens.
        admin_url: for a demo, the database's URL for a login that can write ``auth.users``.
    """
    run(settings, listener, admin_url, told_where=False)


def run(settings: Settings, listener: socket, admin_url: str, *, told_where: bool) -> None:
    """Like ``serve``; ``told_where``: the log already says where."""
    app = create_app(settings)
    if settings.demo:
        from wingmanmatch.http.demo import add_demo

        add_demo(app, settings, admin_url)
    log_as_json(LOGGED)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
    # uvicorn raises the signal that has ended it again
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not told_where:
        tell_where(listener)
    host, port = listener.getsockname()[:2]
    server(app, settings, host, port).run([listener])


def tell_where(listener: socket) -> None:
    """Write to the log where the server is."""
    log.info("WingmanMatch is running on %s", url_of(listener))


def server(app: ASGIApp, settings: Settings, host: str, port: int) -> uvicorn.Server:
    """A server that ends after its last answer: SIGTERM or SIGINT stops it from taking new requests."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=partial(Protocol, settings),  # type: ignore[arg-type]
        ws="none",
        lifespan="on",
        access_log=False,
        # only the demo looks at where a request comes from
        proxy_headers=settings.demo,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=round(settings.request_timeout_seconds + settings.pool_timeout_seconds)
        + 10,
    )
    return uvicorn.Server(config)
