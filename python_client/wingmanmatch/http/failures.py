"""What can go wrong, and how each kind of path reports it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import psycopg
from starlette.responses import Response

from wingmanmatch.call import failure as call_failure
from wingmanmatch.call.failure import CONNECTION_LOST, Refusal, read_error, unreadable
from wingmanmatch.call.times import EXPECTED

JSON: Final = "application/json; charset=utf-8"
_HEADER_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE: Final = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")
RETRY_SOON: Final = {"Retry-After": "1"}
_STREAM_SECONDS: Final = 5
"""When a user with too many streams may try again: the server soon notices that a client has disconnected."""
CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


@dataclass(eq=False)
class Failure(Exception):
    """A request that fails."""

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
    """The HTTP status under /api, if it differs."""
    api_message: str | None = None
    """The message under /api, if it differs."""

    def for_api(self) -> Response:
        """The answer of the paths under /api."""
        message, hint = _OWN_WORDS.get(self.name, (self.message, self.hint))
        told: dict[str, Any] = {"detail": self.api_message or message, "error": self.name, **self.context}
        if hint is not None:
            told["hint"] = hint
        status, headers = self.head_for_api()
        return _answer(status, told, headers)

    def head_for_api(self) -> tuple[int, dict[str, str]]:
        """The status and the headers under /api, in whatever form the rest is."""
        status = self.api_status or self.status
        return status, {**_status_headers(status), **self.headers}

    def for_rest(self) -> Response:
        """The answer of the paths under /rest/v1: PostgREST's four keys."""
        told = {"code": self.code, "details": self.details, "hint": self.hint, "message": self.message}
        return _answer(self.status, told, {"Proxy-Status": _proxy_status(self.code), **self.headers})


def _answer(status: int, told: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    content = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
    return Response(content_with(status, content), status, headers, media_type=JSON)


def content_with(status: int, content: bytes) -> bytes:
    """The content to send with this status: nothing if HTTP does not allow any."""
    return b"" if status in (204, 205, 304) else content


def _proxy_status(code: str) -> str:
    return f"PostgREST; error={code}" if code.isascii() and code.isalnum() else "PostgREST"


_SIGN_IN: Final = ("Authentication required", "Sign in and send the access token.")
_FAILED: Final = ("The request failed", None)
_OWN_WORDS: Final[Mapping[str, tuple[str, str | None]]] = {
    # under /api, callers do not learn that anon lacks a privilege, or what went wrong inside
    "not_authenticated": _SIGN_IN,
    "internal_error": _FAILED,
}


def not_authenticated() -> Failure:
    """No token, or an invalid one; the reason is deliberately not disclosed."""
    message, hint = _SIGN_IN
    return Failure(401, "PGRST301", message, "not_authenticated", hint=hint, headers=CHALLENGE)


def invalid_body(message: str) -> Failure:
    """The body, or the query, cannot be read."""
    return Failure(400, "PGRST102", message, "invalid_input")


def no_time(argument: str) -> Failure:
    """The value of an argument does not mean one point in time."""
    context = {"argument": argument}
    return Failure(400, "22007", f"{argument} {EXPECTED}", call_failure.INVALID_INPUT, context=context)


def method_not_allowed(allowed: str) -> Failure:
    """The path does not support the method."""
    return Failure(
        405, "PGRST117", "This method is not allowed here", "method_not_allowed", headers={"Allow": allowed}
    )


def not_supported(what: str) -> Failure:
    """A part of PostgREST that this server does not have."""
    return Failure(
        501,
        "PGRST127",
        "Not implemented: this is not PostgREST, only its function calls are here",
        "not_implemented",
        details=what,
        hint="For everything else under /rest/v1, run PostgREST beside this server: see docs/supabase.md.",
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
    """All connections are taken, and too many calls are waiting already."""
    return Failure(
        503,
        "PGRST003",
        "Too many requests at once - retry",
        "overloaded",
        hint="Nothing was changed; call again in a moment.",
        headers=RETRY_SOON,
    )


def unanswered() -> Failure:
    """The database did not answer in time, not even to say that it cancelled the call."""
    return Failure(
        504,
        # transaction resolution unknown
        "08007",
        "The database does not answer",
        "connection_lost",
        hint="The call may have taken effect; an idempotency key makes it safe to call again.",
    )


def no_connection() -> Failure:
    """No connection to the database was available in time."""
    return Failure(
        503,
        "PGRST003",
        "No connection to the database in time - retry",
        "connection_lost",
        hint="Nothing was changed; call again in a moment.",
        headers=RETRY_SOON,
    )


def connection_lost() -> Failure:
    """The database cannot be reached, or went away during the call."""
    return Failure(
        503,
        "PGRST001",
        "The database cannot be reached - retry",
        "connection_lost",
        hint="The call may have taken effect; an idempotency key makes it safe to call again.",
        headers=RETRY_SOON,
    )


def too_many_streams() -> Failure:
    """The user has as many open streams as allowed."""
    seconds = _STREAM_SECONDS
    return Failure(
        429,
        "PT429",
        f"Too many requests - retry in {seconds} seconds",
        "rate_limited",
        hint="Wait that long, then call again.",
        context={"retry_after": seconds},
        headers={"Retry-After": str(seconds)},
    )


def profile_incomplete() -> Failure:
    """The user has no profile, or was erased."""
    return Failure(
        400,
        "PT400",
        "Profile and location are required before matching",
        "profile_incomplete",
        hint="Call complete_profile first.",
    )


def only_for_users() -> Failure:
    """The token is not that of a user."""
    message = "permission denied for the stream of notifications"
    return Failure(403, "42501", message, call_failure.PERMISSION_DENIED, hint="Send the token of a user.")


def malformed_id(argument: str) -> Failure:
    """Not a valid id."""
    context = {"argument": argument}
    return Failure(400, "22P02", f"{argument} must be a UUID", call_failure.INVALID_INPUT, context=context)


def invalid_link() -> Failure:
    """The token of a link was not signed here, or not for this path."""
    return Failure(400, "PGRST100", "This link is not valid", "invalid_link")


def link_over() -> Failure:
    """The link was valid, but what it is about is over."""
    return Failure(410, "PT410", "This link no longer works", "link_over")


def keys_unavailable() -> Failure:
    """The keys to verify a token with could not be fetched."""
    return Failure(
        503, "PGRST300", "Tokens cannot be verified at the moment", "keys_unavailable", headers=RETRY_SOON
    )


def internal_error() -> Failure:
    """Something that must not happen. The log has the details."""
    return Failure(500, "PGRSTX00", _FAILED[0], "internal_error")


_STATUS_BY_CODE: Final = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "53400": 500,
    "P0001": 400,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    # JSON nested too deeply: PostgREST answers 500, but nothing is wrong with the server
    "54001": 400,
}
_STATUS_BY_CLASS: Final = {
    **dict.fromkeys(["08", "53"], 503),
    **dict.fromkeys(["0L", "0P", "28"], 403),
    **dict.fromkeys(
        ["09", "25", "2D", "38", "39", "3B", "40", "54", "55", "57", "58", "F0", "HV", "P0", "XX"], 500
    ),
}
"""How PostgREST maps SQLSTATEs; all others are 400."""


def failure_of(error: psycopg.Error, role: str) -> Failure:
    """What an error of the database means."""
    told = read_error(error)
    if isinstance(told, Refusal):
        try:
            headers = dict(map(sendable, told.headers.items()))
        except (TypeError, ValueError):
            told = unreadable()
        else:
            return _refused(told, headers)
    if told.name == CONNECTION_LOST:
        return connection_lost()
    failure = Failure(
        _status(told.sqlstate, told.message, role),
        told.sqlstate,
        told.message,
        told.name or "internal_error",
        told.detail,
        told.hint,
    )
    match told.name:
        case call_failure.INVALID_INPUT:
            return replace(failure, api_status=400)
        case call_failure.PERMISSION_DENIED if role == "anon":
            return replace(failure, name="not_authenticated", headers=CHALLENGE)
        case call_failure.PERMISSION_DENIED:
            return failure
        case call_failure.STATEMENT_TIMEOUT:
            return replace(failure, api_status=504)
        case call_failure.BUSY:
            return replace(failure, api_status=423)
        case call_failure.READ_ONLY:
            return replace(failure, api_status=400)
    return replace(failure, api_status=500)


def _status(sqlstate: str, message: str, role: str) -> int:
    if sqlstate == "42501":
        return 401 if role == "anon" else 403
    if sqlstate == "21000":
        return 400 if message.endswith("requires a WHERE clause") else 500
    if sqlstate.startswith(("PT", "PGRST")):
        return 500
    return _STATUS_BY_CODE.get(sqlstate) or _STATUS_BY_CLASS.get(sqlstate[:2], 400)


def _refused(told: Refusal, headers: Mapping[str, str]) -> Failure:
    """A refusal of the functions."""
    return Failure(
        told.status,
        told.sqlstate,
        told.message,
        told.name or "refused",
        told.detail,
        told.hint,
        told.context,
        {**_status_headers(told.status), **headers},
    )


def _status_headers(status: int) -> Mapping[str, str]:
    return {401: CHALLENGE, 423: RETRY_SOON, 503: RETRY_SOON}.get(status, {})


def sendable(header: tuple[Any, Any]) -> tuple[str, str]:
    """A header that can be sent: its name is a token, its value one line of ASCII.

    Raises:
        ValueError: it is not so.
        TypeError: they are not texts.
    """
    name, value = header
    if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise ValueError(name)
    return name, value
