"""One call of a function, as it goes from an endpoint to the database and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wingmanmatch.call.identity import Identity
from wingmanmatch.catalog.functions import Function


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments that a request gives."""

    names: frozenset[str]
    json: str
    """A JSON object with their values, for the database."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The values as Python reads them, but numbers as their texts."""
    user_id: str | None = None
    """Whom the service names, if it names anybody."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What the database learns about the HTTP request, in PostgREST's form."""

    method: str
    path: str
    headers: str
    """A JSON object."""
    cookies: str
    """A JSON object."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function."""

    function: Function
    arguments: Arguments
    identity: Identity
    request: HttpRequest
    read_only: bool
    user: str = ""
    """Who takes a turn with it, where calls wait for a connection."""
    quiet: bool = False
    """Whether the database's log leaves out its refusal, if the login may decide that."""
    timezone: str | None = None
    """The time zone of the times in the answer, if not the database's own."""
    rows: range | None = None
    """Which of the rows are returned, counted from 0; None: all of them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the function returned."""

    value: bytes
    """JSON, as PostgreSQL wrote it: an array where the function returns a set."""
    rows: int
    """How many there are, returned or not."""
    headers: bytes | None
    """The GUC ``response.headers``."""
    status: bytes | None
    """The GUC ``response.status``."""
