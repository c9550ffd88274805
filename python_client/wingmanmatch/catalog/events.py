"""The vocabulary of the journal: every kind of event."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

_QUERY = "select k.kind, k.meaning, k.details, k.visible_to, k.told_to from wingman.event_kinds() as k"


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
