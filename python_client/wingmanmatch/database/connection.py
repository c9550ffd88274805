"""Connections of the tools."""

import re
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

CONNECT_TIMEOUT_SECONDS = 10


class DatabaseUrlError(ValueError):
    """A text that is no database URL."""


def connect(database_url: str, **parameters: Any) -> psycopg.Connection[Any]:
    """Connect in autocommit; ``parameters`` are those of libpq and of psycopg.

    Raises:
        DatabaseUrlError: it is no URL.
        psycopg.OperationalError: nobody answers there, or refuses.
    """
    defaults = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "fallback_application_name": "wingman"}
    given = parts_of(database_url)
    return psycopg.connect(
        database_url,
        autocommit=True,
        **{**{name: value for name, value in defaults.items() if name not in given}, **parameters},
    )


def parts_of(database_url: str) -> dict[str, Any]:
    """The parameters that a URL names.

    Raises:
        DatabaseUrlError: it is none. Its text, which may hold a password, is not repeated.
    """
    try:
        return conninfo_to_dict(database_url)
    except psycopg.ProgrammingError as error:
        raise DatabaseUrlError(f"That is no postgresql://… URL{_reason(error)}") from None


def _reason(error: psycopg.ProgrammingError) -> str:
    """What libpq has against a URL, where what it quotes cannot be a part of a password."""
    found = re.search(r'invalid URI query parameter: "\w+"', str(error))
    return f": {found[0]}" if found else ""
