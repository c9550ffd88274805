"""What can go wrong, and how each kind of path tells it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import psycopg
from starlette.responses import Response

JSON: Final = "application/json; charset=utf-8"
RETRY_SOON: Final = {"Retry-After": "1"}
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


@dataclass(eq=False)
class Failure(Exception):
    """A request that is not answered as asked for."""

    status: int
    """The HTTP status under /rest/v1, which is PostgREST's."""
    code: str
    """The SQLSTATE, or PostgREST's own code."""
    message: str
    name: str
    """The error's name under /api."""
    details: str | None = None
    hint: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    """Facts about it."""
    headers: Mapping[str, str] = field(default_factory=dict)
    api_status: int | None = None
    """The HTTP status under /api, where it is another one."""

    def for_api(self) -> Response:
        """The answer of the paths under /api."""
        status = self.api_status or self.status
        told: dict[str, Any] = {"detail": self.message, "error": self.name, **self.context}
        if self.hint is not None:
            told["hint"] = self.hint
        return _answer(status, told, self.headers)

    def for_rest(self) -> Response:
        """The answer of the paths under /rest/v1: PostgREST's four keys."""
        told = {"code": self.code, "details": self.details, "hint": self.hint, "message": self.message}
        return _answer(self.status, told, {"Proxy-Status": _proxy_status(self.code), **self.headers})


def _answer(status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content, status, headers, media_type=JSON)


def _proxy_status(code: str) -> str:
    return f"PostgREST; error={code}" if code.isalnum() else "PostgREST"


def not_authenticated() -> Failure:
    """No token, or one that does not hold; it is not told why."""
    return Failure(
        401,
        "PGRST301",
        "Authentication required",
        "not_authenticated",
        hint="Sign in and send the access token.",
        headers=CHALLENGE,
    )


def invalid_body(message: str) -> Failure:
    """The body, or the query, cannot be read."""
    return Failure(400, "PGRST102", message, "invalid_input")


def method_not_allowed(allowed: str) -> Failure:
    """The path does not know the method."""
    return Failure(
        405, "PGRST117", "This method is not allowed here", "method_not_allowed", headers={"Allow": allowed}
    )


def not_supported(what: str) -> Failure:
    """A part of PostgREST that is not here."""
    return Failure(
        501,
        "PGRST127",
        "Not implemented: this is not PostgREST, only its function calls are here",
        "not_implemented",
        details=what,
        hint="Run PostgREST beside this server, as docs/supabase.md says, for all else under /rest/v1.",
    )


def too_large(max_bytes: int) -> Failure:
    """The body is too large to be read."""
    return Failure(
        413,
        "PGRST102",
        f"The body must have at most {max_bytes} bytes",
        "body_too_large",
        # the rest of it stays unread
        headers={"Connection": "close"},
    )


def headers_too_large(max_bytes: int) -> Failure:
    """The headers are too large to be passed on."""
    return Failure(
        431,
        "PGRST100",
        f"The headers must have at most {max_bytes} bytes",
        "headers_too_large",
        headers={"Connection": "close"},
    )


def too_slow() -> Failure:
    """The body did not arrive in time."""
    return Failure(
        408,
        "PGRST102",
        "The body did not arrive in time",
        "request_timeout",
        headers={"Connection": "close"},
    )


def overloaded() -> Failure:
    """All connections are taken, and too many wait already."""
    return Failure(
        503,
        "PGRST003",
        "Too many requests at once - retry",
        "busy",
        hint="Nothing was changed; call again in a moment.",
        headers=RETRY_SOON,
    )


def unanswered() -> Failure:
    """The database has said nothing in time, not even that it cancelled the call."""
    return Failure(
        504,
        "57014",
        "The database does not answer",
        "statement_timeout",
        hint="The call may have taken effect.",
    )


def no_connection() -> Failure:
    """No connection to the database was to be had in time."""
    return Failure(
        503,
        "PGRST003",
        "No connection to the database in time - retry",
        "connection_lost",
        hint="Nothing was changed; call again in a moment.",
        headers=RETRY_SOON,
    )


def connection_lost() -> Failure:
    """The database is not there, or went away during the call."""
    return Failure(
        503,
        "PGRST001",
        "The database cannot be reached - retry",
        "connection_lost",
        hint="The call may have taken effect; an idempotency key makes it safe to call again.",
        headers=RETRY_SOON,
    )


def keys_unavailable() -> Failure:
    """The keys to verify a token with could not be fetched."""
    return Failure(
        503, "PGRST300", "Tokens cannot be verified at the moment", "keys_unavailable", headers=RETRY_SOON
    )


def internal_error() -> Failure:
    """What must not happen. The log tells more."""
    return Failure(500, "PGRSTX00", "The request failed", "internal_error")


_STATUS_BY_CODE: Final = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "53400": 500,
    "57P01": 503,
    "P0001": 400,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
}
_STATUS_BY_CLASS: Final = {
    **dict.fromkeys(["08", "53"], 503),
    **dict.fromkeys(["0L", "0P", "28"], 403),
    **dict.fromkeys(
        ["09", "25", "2D", "38", "39", "3B", "40", "54", "55", "57", "58", "F0", "HV", "P0", "XX"], 500
    ),
}
"""How PostgREST maps SQLSTATEs; all others are 400."""

_INVALID_INPUT: Final = frozenset(
    {"22P02", "22003", "22007", "22008", "22009", "22023", "22P05", "22021", "22030", "54001"}
)


def failure_of(error: psycopg.Error, role: str) -> Failure:
    """What an error of the database means."""
    sqlstate = error.sqlstate or ""
    diag = error.diag
    fatal = diag.severity_nonlocalized in ("FATAL", "PANIC")
    lost = (
        fatal or sqlstate.startswith("08") or (isinstance(error, psycopg.OperationalError) and not sqlstate)
    )
    if lost or sqlstate == "53300":
        return connection_lost()
    message = diag.message_primary or type(error).__name__
    if sqlstate == "PGRST":
        return _raised(message, diag.message_detail)
    if re.fullmatch("PT[1-5][0-9][0-9]", sqlstate):
        return _refusal(int(sqlstate[2:]), sqlstate, message, diag.message_detail, diag.message_hint, {})
    name, api_status = _outside_the_catalogue(sqlstate, role)
    return Failure(
        _status(sqlstate, message, role),
        sqlstate,
        message,
        name,
        diag.message_detail,
        diag.message_hint,
        headers=_headers(name),
        api_status=api_status,
    )


def _headers(name: str) -> Mapping[str, str]:
    if name == "not_authenticated":
        return CHALLENGE
    return RETRY_SOON if name == "busy" else {}


def _status(sqlstate: str, message: str, role: str) -> int:
    if sqlstate == "42501":
        return 401 if role == "anon" else 403
    if sqlstate == "21000":
        return 400 if message.endswith("requires a WHERE clause") else 500
    if sqlstate.startswith("PT"):
        return 500
    return _STATUS_BY_CODE.get(sqlstate) or _STATUS_BY_CLASS.get(sqlstate[:2], 400)


def _outside_the_catalogue(sqlstate: str, role: str) -> tuple[str, int]:
    """The name and the status under /api of an error that is not in the catalogue."""
    if sqlstate in _INVALID_INPUT:
        return "invalid_input", 400
    if sqlstate == "42501":
        return ("not_authenticated", 401) if role == "anon" else ("permission_denied", 403)
    if sqlstate == "57014":
        return "statement_timeout", 504
    if sqlstate in ("40001", "40P01"):
        return "busy", 503
    return "internal_error", 500


def _refusal(
    status: int,
    code: str,
    message: str,
    details: str | None,
    hint: str | None,
    headers: Mapping[str, str],
) -> Failure:
    """An error of the catalogue: its detail is JSON, with its name."""
    context = _object(details)
    name = str(context.pop("error", "refused"))
    return Failure(
        status, code, message, name, details, hint, context, {**_status_headers(status), **headers}
    )


def _status_headers(status: int) -> Mapping[str, str]:
    return {401: CHALLENGE, 503: RETRY_SOON}.get(status, {})


def _raised(message: str, detail: str | None) -> Failure:
    """What was raised for PostgREST: the error in the message, its status and headers in the detail."""
    told, http = _object(message), _object(detail)
    try:
        headers = {str(name): str(value) for name, value in http.get("headers", {}).items()}
        details, hint = told.get("details"), told.get("hint")
        return _refusal(int(http["status"]), str(told["code"]), str(told["message"]), details, hint, headers)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Failure(
            500, "PGRST121", "Could not parse JSON in the \"RAISE SQLSTATE 'PGRST'\" error", "internal_error"
        )


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        value = {}
    return value if isinstance(value, dict) else {}
