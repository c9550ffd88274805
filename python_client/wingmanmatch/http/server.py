"""The application on a socket: uvicorn with the limits that belong to it."""

import logging
import sys
from functools import partial

import uvicorn
from starlette.types import ASGIApp

from wingmanmatch.http.protocol import Protocol
from wingmanmatch.http.record import JsonFormatter
from wingmanmatch.http.settings import Settings


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
        # nobody but the demo asks where a request comes from
        proxy_headers=settings.demo,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=round(settings.request_timeout_seconds + settings.pool_timeout_seconds)
        + 10,
    )
    return uvicorn.Server(config)


def log_as_json() -> None:
    """Write what is logged as lines of JSON to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("wingmanmatch").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
