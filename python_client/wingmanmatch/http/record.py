"""What is recorded about each request, for the log and the metrics."""

import asyncio
import logging
import os
import re
from collections import Counter as Counts
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Final
from uuid import uuid4

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("wingmanmatch.http.requests_made")

# the creation time of each series is of no use
disable_created_metrics()  # type: ignore[no-untyped-call]

_KEY: Final = "wingmanmatch.record"
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:/=+-]{1,128}")
MULTIPROCESS: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that says where several processes keep their metrics."""
_CURRENT: Final = (
    ("pool_size", "pool_size", "Connections to the database"),
    ("pool_available", "pool_available", "Idle connections"),
    ("pool_max", "pool_max", "The most connections allowed"),
    ("requests_waiting", "pool_waiting", "Calls waiting for a connection"),
    ("streams", "streams", "Streams of notifications that are open"),
)
LOGGED: Final = (
    "request_id",
    "method",
    "function",
    "role",
    "status",
    "outcome",
    "reason",
    "milliseconds",
    "refusals",
    "users",
)
"""What a line of the log may say of a request."""
_MINUTE_SECONDS: Final = 60.0
_SECONDS: Final = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@dataclass(slots=True)
class Record:
    """What is known about a request: nothing about the person, and nothing of the request's content."""

    request_id: str
    user: str
    """Who asks, as far as a valid token says so, else the address; it does not appear in the log."""
    function: str = "none"
    """The function of the database that was called."""
    role: str = "none"
    outcome: str = ""
    """``ok``, or the name of the error; derived from the status if nothing has set it."""
    reason: str | None = None
    """Why an access token is invalid, which the caller does not learn."""
    stream_end: str | None = None
    """Why the stream ended, if it was one."""


def record_of(scope: Scope) -> Record:
    """The record of a request."""
    record: Record = scope[_KEY]
    return record


class Metrics:
    """The metrics since the start, for Prometheus.

    If several processes serve, as ``PROMETHEUS_MULTIPROC_DIR`` says, these are the metrics of all of them.
    """

    def __init__(self, statistics: Callable[[], Mapping[str, int]]) -> None:
        self._statistics = statistics
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "wingman_http_calls",
            "Requests by the function called and by outcome",
            ["function", "outcome"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "wingman_http_call_seconds",
            "How long requests took, by the function called",
            ["function"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._streams_ended = Counter(
            "wingman_http_streams_ended",
            "Streams of notifications that have ended, by reason",
            ["reason"],
            registry=self._registry,
        )
        self._current = {
            statistic: Gauge(
                f"wingman_http_{name}", meaning, registry=self._registry, multiprocess_mode="sum"
            )
            for statistic, name, meaning in _CURRENT
        }

    def note(self, record: Record, seconds: float) -> None:
        """Count a request."""
        self._calls.labels(record.function, record.outcome).inc()
        if record.stream_end is not None:
            self._streams_ended.labels(record.stream_end).inc()
            return
        self._seconds.labels(record.function).observe(seconds)

    def text(self) -> bytes:
        """All metrics, in the format of Prometheus."""
        self._look()
        registry = self._registry
        if MULTIPROCESS in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)

    async def keep_current(self) -> None:
        """Measure what changes every second: another process may be the one that reports the metrics."""
        while True:
            self._look()
            await asyncio.sleep(1)

    def _look(self) -> None:
        statistics = self._statistics()
        for statistic, gauge in self._current.items():
            gauge.set(statistics.get(statistic, 0))


class RefusalLog:
    """Which refusals are written to the log: so many of each user in a minute. It says how many were not."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._refusals: Counts[str] = Counts()

    def are_too_many(self, user: str) -> bool:
        """Whether the next refusal of this user is not written."""
        return self._refusals[user] >= self._most

    def takes(self, user: str) -> bool:
        """Whether one more refusal of this user is written."""
        is_written = not self.are_too_many(user)
        self._refusals[user] += 1
        return is_written

    async def keep_current(self) -> None:
        """Begin again every minute."""
        while True:
            await asyncio.sleep(_MINUTE_SECONDS)
            self.end_minute()

    def end_minute(self) -> None:
        """Say how many were not written."""
        left_out = [count - self._most for count in self._refusals.values() if count > self._most]
        self._refusals.clear()
        if left_out:
            extra = {"refusals": sum(left_out), "users": len(left_out)}
            log.info("refusals that are not logged one by one", extra=extra)


class Recorder:
    """ASGI middleware: gives each request an id, and records its outcome."""

    def __init__(self, app: ASGIApp, metrics: Metrics, refusals: RefusalLog) -> None:
        self._app = app
        self._metrics = metrics
        self._refusals = refusals

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address, _ = scope["client"] or ("", 0)
        record = Record(_request_id(Headers(scope=scope).get("x-request-id", "")), address)
        scope[_KEY] = record
        begun, status = perf_counter(), 0

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = record.request_id
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            seconds = perf_counter() - begun
            record.outcome = record.outcome or _outcome(status)
            self._metrics.note(record, seconds)
            if self._is_written(record, status) and log.isEnabledFor(logging.INFO):
                log.handle(_line(record, scope["method"], status, seconds))

    def _is_written(self, record: Record, status: int) -> bool:
        is_refusal = 400 <= status < 500 or record.outcome == "overloaded"
        return not is_refusal or self._refusals.takes(record.user)


def _line(record: Record, method: str, status: int, seconds: float) -> logging.LogRecord:
    """The log entry of a request; ``log.info`` would first look up the place that calls it."""
    return logging.makeLogRecord(
        {
            "name": log.name,
            "levelno": logging.INFO,
            "levelname": "INFO",
            "msg": "request",
            "request_id": record.request_id,
            "method": method if method.isalpha() else "?",
            "function": record.function,
            "role": record.role,
            "status": status,
            "outcome": record.outcome,
            "reason": record.reason or record.stream_end,
            "milliseconds": round(seconds * 1000, 1),
        }
    )


def _outcome(status: int) -> str:
    if 0 < status < 400:
        return "ok"
    # without a status it has failed
    return "refused" if status else "internal_error"


def _request_id(given: str) -> str:
    return given if _REQUEST_ID.fullmatch(given) else str(uuid4())
