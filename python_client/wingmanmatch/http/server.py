"""The application on a socket: uvicorn with the limits that belong to it."""

import asyncio
import logging
import sys

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from wingmanmatch.http.record import JsonFormatter
from wingmanmatch.http.settings import Settings


def server(app: FastAPI, settings: Settings, host: str, port: int) -> uvicorn.Server:
    """A server that ends after its last answer: SIGTERM or SIGINT stops it from taking new requests."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        # it bounds the head of a request, which the quicker one does not
        http=_protocol(settings.request_timeout_seconds),
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


def _protocol(head_seconds: float) -> type[H11Protocol]:
    """The protocol of a connection that is closed where the head of a request does not arrive in time."""

    class Protocol(H11Protocol):
        _timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_watching()
            super().connection_lost(exc)

        def _watch(self) -> None:
            if self.conn.their_state is not h11.IDLE:
                self._stop_watching()
            elif self._timer is None:
                self._timer = self.loop.call_later(head_seconds, self.timeout_keep_alive_handler)

        def _stop_watching(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return Protocol


def log_as_json() -> None:
    """Write what is logged as lines of JSON to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("wingmanmatch").setLevel(logging.INFO)
    logging.getLogger("uvicorn").setLevel(logging.INFO)
