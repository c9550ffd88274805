"""What an error of PostgreSQL means to the caller."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg

INVALID_INPUT: Final = "invalid_input"
PERMISSION_DENIED: Final = "permission_denied"
STATEMENT_TIMEOUT: Final = "statement_timeout"
CONNECTION_LOST: Final = "connection_lost"
BUSY: Final = "busy"
READ_ONLY: Final = "read_only_transaction"

_BY_SQLSTATE: Final[Mapping[str, str]] = {
    # 54001: JSON that is nested too deeply
    **dict.fromkeys(
        ["22P02", "22003", "22007", "22008", "22009", "22023", "22030", "22P05", "22021", "54001"],
        INVALID_INPUT,
    ),
    "42501": PERMISSION_DENIED,
    "57014": STATEMENT_TIMEOUT,
    "53300": CONNECTION_LOST,
    # Nothing was changed, as with the functions' own busy. 55P03: a call that reads has no time limit
    # for locks of its own, but its login may have one.
    **dict.fromkeys(["40001", "40P01", "55P03"], BUSY),
    "25006": READ_ONLY,
}
_OF_THE_SERVER: Final = ("53", "58", "F0", "XX")
"""Classes of SQLSTATEs whose messages name files and other internals of the server."""
_UNREADABLE: Final = "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The functions' refusal of a call."""

    name: str
    """The name in the catalogue; empty if other code has raised an error of this kind."""
    status: int
    """The equivalent HTTP status."""
    sqlstate: str
    message: str
    detail: str | None
    hint: str | None
    context: Mapping[str, Any]
    """Facts about it: the detail without the name."""
    headers: Mapping[Any, Any] = field(default_factory=dict)
    """The headers for an answer over HTTP, unchecked."""


@dataclass(frozen=True, slots=True)
class Fault:
    """An error that is not in the catalogue."""

    name: str | None
    """One of the names above, or None: something went wrong."""
    sqlstate: str
    """Empty if the server did not answer."""
    message: str
    detail: str | None
    hint: str | None


def read_error(error: psycopg.Error) -> Refusal | Fault:
    """What the driver's error means."""
    diag = error.diag
    sqlstate = error.sqlstate or ""
    message = diag.message_primary or str(error) or type(error).__name__
    # the server ends a connection with a FATAL error; failures of libpq and of the pool have no code
    fatal = diag.severity_nonlocalized in ("FATAL", "PANIC")
    if fatal or (isinstance(error, psycopg.OperationalError) and not sqlstate):
        return Fault(CONNECTION_LOST, sqlstate, message, diag.message_detail, diag.message_hint)
    if sqlstate == "PGRST":
        return _raised_for_postgrest(message, diag.message_detail)
    if is_refusal(sqlstate):
        return refusal(sqlstate, message, diag.message_detail, diag.message_hint)
    if sqlstate.startswith(_OF_THE_SERVER) and name_of(sqlstate) is None:
        return Fault(None, sqlstate, f"The database server failed ({sqlstate})", None, None)
    return Fault(name_of(sqlstate), sqlstate, message, diag.message_detail, diag.message_hint)


def is_refusal(sqlstate: str) -> bool:
    """Whether the functions raise such an error: PT and an HTTP status."""
    return re.fullmatch("PT[2-5][0-9][0-9]", sqlstate) is not None


def refusal(
    sqlstate: str,
    message: str,
    detail: str | None,
    hint: str | None,
    status: int | None = None,
    headers: Mapping[Any, Any] | None = None,
) -> Refusal:
    """A refusal: its detail is JSON, with its name.

    Args:
        sqlstate: PT and an HTTP status, unless ``status`` is given.
        message: one line for people.
        detail: PostgreSQL's DETAIL.
        hint: PostgreSQL's HINT.
        status: the HTTP status.
        headers: of an answer over HTTP.
    """
    context = json_object(detail)
    name = str(context.pop("error", ""))
    status = int(sqlstate[2:]) if status is None else status
    return Refusal(name, status, sqlstate, message, detail, hint, context, headers or {})


def name_of(sqlstate: str) -> str | None:
    """The name of an error outside the catalogue; None: something went wrong."""
    # 57P: the server ends the connection
    if sqlstate.startswith(("08", "57P")):
        return CONNECTION_LOST
    return _BY_SQLSTATE.get(sqlstate)


def _raised_for_postgrest(message: str, detail: str | None) -> Refusal | Fault:
    """An error that is entirely in the message, with its status and headers in the detail."""
    told, http = json_object(message), json_object(detail)
    try:
        status, headers = int(http["status"]), dict(http["headers"].items())
        if not 200 <= status <= 599:
            raise ValueError(status)
        return refusal(
            str(told["code"]), str(told["message"]), told.get("details"), told.get("hint"), status, headers
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return unreadable()


def unreadable() -> Fault:
    """An error in PostgREST's form that PostgREST cannot read; it answers with this code."""
    return Fault(None, "PGRST121", _UNREADABLE, None, None)


def json_object(text: str | None) -> dict[str, Any]:
    """A JSON object; an empty one if the text is not a JSON object."""
    # A third party's trigger may refuse with a SQLSTATE like ours and a DETAIL that is not JSON.
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}
