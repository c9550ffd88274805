"""The error catalogue: every refusal that a caller can meet."""

import re
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

_QUERY = "select c.name, c.status, c.message, c.hint from wingman.error_catalogue() as c"


@dataclass(frozen=True, slots=True)
class CataloguedError:
    """An entry of the catalogue."""

    name: str
    status: int
    """The HTTP status; PT and the status is the SQLSTATE."""
    message: str
    """A template: ``{word}`` is filled from the context."""
    hint: str
    """What the caller can do."""

    @property
    def context(self) -> tuple[str, ...]:
        """The values in the error's context that its message contains."""
        return tuple(re.findall(r"\{(\w+)\}", self.message))


def read_errors(connection: Connection[Any]) -> tuple[CataloguedError, ...]:
    """Read the catalogue, in its order. Only the owner and a superuser can."""
    found = connection.cursor(row_factory=tuple_row).execute(_QUERY)
    return tuple(CataloguedError(*entry) for entry in found)
