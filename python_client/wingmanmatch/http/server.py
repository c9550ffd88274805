"""The application on a socket: uvicorn with the limits that belong to it."""

import logging
import sys

import uvicorn
from fastapi import FastAPI

from wingmanmatch.http.record import JsonFormatter
from wingmanmatch.http.settings import Settings


def server(app: FastAPI, settings: Settings, host: str, port: int) -> uvicorn.Server:
    """A server that ends after its last answer: SIGTERM or SIGINT stops it from taking new requests."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        # it bounds the head of a request, which the quicker one does not
        http="h11",
        h11_max_incomplete_event_size=2 * settings.max_header_bytes,
        ws="none",
        lifespan="on",
        access_log=False,
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
