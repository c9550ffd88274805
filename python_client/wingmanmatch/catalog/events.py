"""The vocabularies of the journal and the inbox: every kind of event and of notification."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

_QUERY = "select k.kind, k.meaning, k.details, k.visible_to, k.told_to from wingman.event_kinds() as k"

_MESSAGES = """
select n.kind, n.message, e.told_to
from wingman.notification_kinds() with ordinality as n (kind, message, place)
left join wingman.event_kinds() as e on e.kind = n.kind
order by n.place
"""


@dataclass(frozen=True, slots=True)
class EventKind:
    """A word of the vocabulary."""

    name: str
    meaning: str
    """What it says happened."""
    details: str | None
    """What its details hold."""
    visible_to: str
    """``participants`` or ``operators``."""
    told_to: str | None
    """Whose inbox it goes to: ``participants``, ``user`` or nobody."""


def read_event_kinds(connection: Connection[Any]) -> tuple[EventKind, ...]:
    """Read the vocabulary, in its order. Only the owner and a superuser may."""
    found = connection.cursor(row_factory=tuple_row).execute(_QUERY)
    return tuple(EventKind(*entry) for entry in found)


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A kind of notification."""

    name: str
    message: str
    """What people read."""
    told_to: str | None
    """Whose inbox the event of this kind goes to; None for a reminder."""


def read_notification_kinds(connection: Connection[Any]) -> tuple[NotificationKind, ...]:
    """Read that vocabulary, in its order. Only the owner and a superuser may."""
    found = connection.cursor(row_factory=tuple_row).execute(_MESSAGES)
    return tuple(NotificationKind(*entry) for entry in found)
