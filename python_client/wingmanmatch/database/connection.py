"""Connections of the tools."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

CONNECT_TIMEOUT_SECONDS = 10


class DatabaseUrlError(ValueError):
    """Not a valid database URL."""


def connect(database_url: str, **parameters: Any) -> psycopg.Connection[Any]:
    """Connect in autocommit; ``parameters`` are those of libpq and of psycopg.

    Raises:
        DatabaseUrlError: it is not a valid URL.
        psycopg.OperationalError: the server does not answer, or refuses the connection.
    """
    defaults = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "fallback_application_name": "wingman",
        "client_encoding": "utf8",
    }
    given = parts_of(database_url)
    return psycopg.connect(
        database_url,
        autocommit=True,
        **{**{name: value for name, value in defaults.items() if name not in given}, **parameters},
    )


@contextmanager
def without_statement_timeout(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction whose statements may take their time, whatever ``statement_timeout`` the login has."""
    with connection.transaction():
        connection.execute("set local statement_timeout = 0")
        yield


def parts_of(database_url: str) -> dict[str, Any]:
    """The parameters that a URL names.

    Raises:
        DatabaseUrlError: it is not valid. The message does not repeat it, since it may contain a password.
    """
    try:
        return conninfo_to_dict(database_url)
    except psycopg.ProgrammingError as error:
        raise DatabaseUrlError(f"Not a valid postgresql://… URL{_reason(error)}") from None


def _reason(error: psycopg.ProgrammingError) -> str:
    """Why libpq rejects a URL, if what it quotes cannot be part of a password."""
    found = re.search(r'invalid URI query parameter: "\w+"', str(error))
    return f": {found[0]}" if found else ""
