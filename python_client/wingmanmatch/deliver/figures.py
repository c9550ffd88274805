"""What the worker has done: metrics for Prometheus, and lines of the log."""

import logging
from collections import Counter as Counts
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

from wingmanmatch.deliver.delivery import Delivery, Result

LOGGED: Final = (
    "channel",
    "delivery_id",
    "kind",
    "attempt",
    "outcome",
    "code",
    "milliseconds",
    "attempts",
)
"""What a line of the log may say of an attempt: nothing about the person, no address and no text."""
_SECONDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86_400)
_MINUTE_SECONDS: Final = 60.0
_LOGGED_OF_A_KIND: Final = 10
"""How many failures of the same kind are logged in a minute; the others are counted."""

log = logging.getLogger(__name__)

# the creation time of each series is of no use
disable_created_metrics()  # type: ignore[no-untyped-call]


class Figures:
    """The metrics since the start, and what has gone wrong in the last minute."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._attempts = Counter(
            "wingman_deliver_attempts",
            "Attempts to send, by channel and outcome",
            ["channel", "outcome"],
            registry=self.registry,
        )
        self._lapsed = Counter(
            "wingman_deliver_lapsed",
            "Attempts that were settled too late: another worker may have sent the same message",
            ["channel"],
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "wingman_deliver_in_flight",
            "Messages that are claimed and not settled",
            ["channel"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "wingman_deliver_seconds",
            "The time from a notification until it was sent",
            ["channel"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._last_claim = Gauge(
            "wingman_deliver_last_claim_timestamp_seconds",
            "When the database last answered what is due",
            ["channel"],
            registry=self.registry,
        )
        self._failures: Counts[tuple[str, str, str]] = Counts()
        self._minute_ends = monotonic() + _MINUTE_SECONDS

    def show(self, channel: str) -> None:
        """Let a channel's figures be there from the start."""
        for outcome in ("sent", "retry", "failed", "gone"):
            self._attempts.labels(channel, outcome)
        for figure in (self._lapsed, self._in_flight, self._seconds):
            figure.labels(channel)

    def claimed(self, channel: str, count: int) -> None:
        """So many were claimed."""
        self._last_claim.labels(channel).set_to_current_time()
        self._in_flight.labels(channel).inc(count)
        if monotonic() >= self._minute_ends:
            self._end_minute()

    def attempted(self, channel: str, delivery: Delivery, result: Result, seconds: float) -> None:
        """An attempt was made."""
        self._attempts.labels(channel, result.outcome).inc()
        if result.outcome == "sent":
            waited = (datetime.now(UTC) - delivery.created_at).total_seconds()
            self._seconds.labels(channel).observe(max(0.0, waited))
            return
        failure = channel, result.outcome, result.error or ""
        self._failures[failure] += 1
        if self._failures[failure] <= _LOGGED_OF_A_KIND:
            log.warning(
                "not sent",
                extra={
                    "channel": channel,
                    "delivery_id": str(delivery.id),
                    "kind": delivery.kind,
                    "attempt": delivery.attempt,
                    "outcome": result.outcome,
                    "code": result.error,
                    "milliseconds": round(seconds * 1000),
                },
            )

    def settled(self, channel: str, *, in_time: bool) -> None:
        """An attempt was settled, or its claim had lapsed."""
        self._in_flight.labels(channel).dec()
        if not in_time:
            self._lapsed.labels(channel).inc()

    def _end_minute(self) -> None:
        self._minute_ends = monotonic() + _MINUTE_SECONDS
        for (channel, outcome, code), count in self._failures.items():
            if count > _LOGGED_OF_A_KIND:
                extra = {
                    "channel": channel,
                    "outcome": outcome,
                    "code": code,
                    "attempts": count - _LOGGED_OF_A_KIND,
                }
                log.warning("not sent, and not logged one by one", extra=extra)
        self._failures.clear()
