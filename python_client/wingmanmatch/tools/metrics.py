"""The numbers of ``wingman_admin.metrics``, in Prometheus's format."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector


class Gauge(NamedTuple):
    """The name of a metric of the view for Prometheus."""

    name: str
    meaning: str
    label: str = "state"
    """The label for the view's state, if it has one."""


GAUGES = {
    "open": Gauge("wingman_open", "Matches and sessions in progress"),
    "seekers": Gauge("wingman_seekers", "People who can be matched"),
    "sessions": Gauge("wingman_sessions_30_days", "Sessions of the last thirty days by outcome"),
    "last_day": Gauge(
        "wingman_sessions_24_hours", "Sessions completed, or marked as a no-show, within 24 hours"
    ),
    "funnel": Gauge("wingman_matches_7_days", "Matches offered within seven days, by how far they have come"),
    "overdue_sessions": Gauge("wingman_overdue_sessions", "Sessions not settled a day after their time"),
    "due_matches": Gauge("wingman_due_matches", "Lapsed matches that are not settled yet"),
    "idempotency_keys": Gauge("wingman_idempotency_keys", "Idempotency keys that are kept"),
    "journal_default_rows": Gauge(
        "wingman_journal_default_rows", "Rows of the journal outside every monthly partition; should be 0"
    ),
    "reader_events": Gauge(
        "wingman_reader_unread_events", "What a reader has not read, counted up to 100000", "reader"
    ),
    "reader_seconds": Gauge(
        "wingman_reader_lag_seconds", "Age of the oldest event that a reader has not read", "reader"
    ),
    "deliveries_due": Gauge("wingman_deliveries_due", "Messages that are to be sent now", "channel"),
    "deliveries_waiting": Gauge(
        "wingman_deliveries_waiting", "Messages that wait for a retry or the end of quiet hours", "channel"
    ),
    "deliveries_claimed": Gauge(
        "wingman_deliveries_claimed", "Messages that a worker is sending now", "channel"
    ),
    "deliveries_dead": Gauge("wingman_deliveries_dead", "Messages that were given up", "channel"),
    "delivery_seconds": Gauge(
        "wingman_delivery_lag_seconds", "How long the message that is due first has been due", "channel"
    ),
}
"""By the name that the view gives a metric."""


def prometheus_text(connection: psycopg.Connection[Any]) -> str:
    """The metrics of a database in the text format of Prometheus.

    Raises:
        psycopg.errors.InsufficientPrivilege: the login is not a member of wingman_admin.
    """
    registry = CollectorRegistry()
    registry.register(_Database(connection))
    return generate_latest(registry).decode()


class _Database(Collector):
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def describe(self) -> list[GaugeMetricFamily]:
        # otherwise the registry would collect once more to learn the names
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        families: dict[str, GaugeMetricFamily] = {}
        query = "select m.metric, m.state, m.amount from wingman_admin.metrics as m"
        for metric, state, amount in self._connection.execute(query):
            gauge = GAUGES[metric]
            labels = [gauge.label] if state else []
            family = families.setdefault(metric, GaugeMetricFamily(gauge.name, gauge.meaning, labels=labels))
            family.add_metric([state] if state else [], amount)
        yield from families.values()
