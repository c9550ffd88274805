"""What the client sends over HTTP, and how it reads the answers: the part without waiting."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from . import errors
from ._refusals import exception
from ._rpc import Call, Reply
from .call.failure import Fault, is_refusal, name_of, refusal

KEEP_ALIVE_SECONDS: Final = 4.0
"""How long an idle connection stays open: less than the five seconds after which servers close it."""

_HEADER_TEXT: Final = re.compile("[!-~]+")
"""What tokens and keys consist of. Anything else would be rejected, or would start another header."""


SILENCE_SECONDS: Final = 45.0
"""How long a stream may be silent: a server sends a heartbeat every 15 seconds."""
STREAM: Final = "text/event-stream"


def stream_url(url: str) -> str:
    """The URL of the stream of notifications, from the URL of the server."""
    return f"{url.rstrip('/')}/api/notifications/stream"


def rest_url(url: str) -> str:
    """The URL of a project's functions, from the URL of the project.

    Raises:
        ValueError: it is not an http or https URL.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The URL must be http:// or https:// with a host, and no query")
    return f"{url.rstrip('/')}/rest/v1/rpc/"


def headers(apikey: str | None) -> dict[str, str]:
    """The headers that all requests have.

    Raises:
        ValueError: the key could not be sent.
    """
    # The functions are in schema public, whichever comes first on the server.
    common = {"Accept": "application/json", "Content-Profile": "public", "Content-Type": "application/json"}
    if apikey is None:
        return common
    if not _HEADER_TEXT.fullmatch(apikey):
        raise ValueError("The apikey contains characters that a key cannot have")
    return {**common, "apikey": apikey}


def authorization(token: str) -> dict[str, str]:
    """The header that says who calls.

    Raises:
        NotAuthenticated: it is not a token; perhaps it is empty because nobody is signed in.
    """
    if not token or not _HEADER_TEXT.fullmatch(token):
        raise errors.NotAuthenticated("There is no access token")
    return {"Authorization": f"Bearer {token}"}


def body(call: Call) -> bytes:
    """The arguments as a JSON object of texts, which the database reads by the arguments' types.

    Raises:
        InvalidInput: a text cannot be sent.
    """
    try:
        return json.dumps(call.arguments, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise errors.InvalidInput("A text has a character that UTF-8 cannot encode") from error


def read_reply(call: Call, response: httpx.Response) -> Reply:
    """Read a response. Raises WingmanError."""
    if not response.is_success:
        raise _failure(response)
    try:
        value = response.json()
    except (ValueError, RecursionError) as error:
        raise errors.WingmanError(f"The answer of {call.function} is not JSON") from error
    # A set is an array; a function that returns one value returns an object.
    rows = value if isinstance(value, list) else [value]
    return Reply(rows, call.writes and response.headers.get("Idempotency-Replayed") == "true")


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a stream."""

    event: str
    id: str
    data: str


class Messages:
    """Reads messages (Server-Sent Events) from the pieces in which they arrive."""

    def __init__(self) -> None:
        self._rest = b""

    def read(self, piece: bytes) -> list[Message]:
        """The messages that are complete with this piece. Raises WingmanError."""
        *whole, self._rest = (self._rest + piece).split(b"\n\n")
        try:
            return [_message(block.decode()) for block in whole if not block.startswith(b":")]
        except (ValueError, KeyError) as error:
            raise errors.WingmanError("The stream of notifications is malformed") from error


def _message(block: str) -> Message:
    fields = dict(line.split(": ", 1) for line in block.split("\n"))
    return Message(fields["event"], fields["id"], fields["data"])


class NoStreamError(errors.WingmanError):
    """The server has no stream of notifications; a Supabase project, for example, has none."""


def check_stream(response: httpx.Response) -> None:
    """Raise WingmanError unless the response is a stream; NoStreamError if the server has none.

    If it is not a stream, its body must have been read.
    """
    if response.is_success and response.headers.get("Content-Type", "").startswith(STREAM):
        return
    told = {} if response.is_success else _object(response)
    name = _text(told, "error")
    error_class = errors.InvalidInput if name == "invalid_input" else errors.CATALOGUED.get(name or "")
    if error_class is not None:
        context = {key: value for key, value in told.items() if key not in ("detail", "error", "hint")}
        raise error_class(
            _text(told, "detail") or response.reason_phrase,
            status=response.status_code,
            context=context,
            hint=_text(told, "hint"),
        )
    if response.is_success or response.status_code == 404:
        raise NoStreamError("The server has no stream of notifications")
    raise _failure(response)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns the failures of the network into WingmanError."""
    try:
        yield
    except httpx.DecodingError as error:
        raise errors.WingmanError("The answer does not have the encoding that its headers name") from error
    except httpx.RequestError as error:
        lost = errors.ConnectionLost(str(error) or type(error).__name__)
        lost.may_have_taken_effect = not isinstance(error, _NOT_SENT)
        raise lost from error


def _failure(response: httpx.Response) -> errors.WingmanError:
    """The exception for a response: from PostgREST's four keys, or from a gateway's status."""
    told = _object(response)
    code = _text(told, "code") or ""
    message = _text(told, "message") or response.reason_phrase or f"HTTP status {response.status_code}"
    hint = _text(told, "hint")
    if is_refusal(code):
        return exception(refusal(code, message, _text(told, "details"), hint))
    if re.fullmatch("[0-9A-Z]{5}", code):
        return exception(Fault(name_of(code), code, message, None, hint))
    error_class = _BY_CODE.get(code) or _BY_STATUS.get(response.status_code, errors.WingmanError)
    context: dict[str, Any] = {"code": code} if code else {}
    retry_after = response.headers.get("Retry-After", "")
    # or a date, which is ignored
    if error_class is errors.RateLimited and re.fullmatch("[0-9]{1,9}", retry_after):
        context["retry_after"] = int(retry_after)
    failure = error_class(message, status=response.status_code, context=context, hint=hint)
    if isinstance(failure, errors.ConnectionLost) and code in _NO_CONNECTION:
        failure.may_have_taken_effect = False
    return failure


_BY_CODE: Mapping[str, type[errors.WingmanError]] = {
    # PostgREST has no connection to the database, or lost it
    **dict.fromkeys(["PGRST000", "PGRST001", "PGRST002"], errors.ConnectionLost),
    # or none that is free: then nothing was changed
    "PGRST003": errors.Busy,
}
_NO_CONNECTION: Final = ("PGRST000", "PGRST002")
"""PostgREST did not come as far as to send the call."""
_NOT_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_BY_STATUS: Mapping[int, type[errors.WingmanError]] = {
    401: errors.NotAuthenticated,
    403: errors.PermissionDenied,
    408: errors.ConnectionLost,
    413: errors.InvalidInput,
    429: errors.RateLimited,
    502: errors.ConnectionLost,
    503: errors.ConnectionLost,
    504: errors.ConnectionLost,
    # Cloudflare, in front of Supabase, cannot reach the server behind it.
    **dict.fromkeys(range(520, 528), errors.ConnectionLost),
}


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        value = response.json()
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {}


def _text(told: Mapping[str, Any], key: str) -> str | None:
    value = told.get(key)
    return value if isinstance(value, str) else None
