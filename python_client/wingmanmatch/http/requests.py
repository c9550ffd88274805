"""What a request contains: its token, its body, its arguments, and what the database learns of it."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser
from starlette.types import Receive, Scope

from wingmanmatch.http.call import Arguments, HttpRequest
from wingmanmatch.http.failures import (
    headers_too_large,
    invalid_body,
    not_authenticated,
    too_large,
    too_slow,
)
from wingmanmatch.http.record import Record, record_of
from wingmanmatch.http.settings import Settings

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
RAW_TYPES: Final[Mapping[str, str]] = {
    "text/plain": "text",
    "text/xml": "xml",
    "application/octet-stream": "bytea",
}
"""Bodies that PostgREST passes whole to a function with one unnamed argument, of this type."""

# Tokens stay here: the database may write statements with their parameters to its log.
_SECRET_HEADERS: Final = frozenset({"authorization", "apikey", "cookie", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Request:
    """A request to call a function."""

    method: str
    path: str
    function: str
    """The function that the path names; empty if it names none."""
    query: str
    headers: Mapping[str, str]
    """By their names in lower case. The values of a repeated header are joined."""
    last_headers: Mapping[str, str]
    """The same, but of a repeated header the last value, which is the one that PostgREST passes on."""
    record: Record
    receive: Receive


def read_request(scope: Scope, receive: Receive, settings: Settings) -> Request:
    """The request, before its body is read. Raises Failure: its headers are too large for the database."""
    size = len(scope["raw_path"]) + len(scope["query_string"])
    headers: dict[str, str] = {}
    last_headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        size += len(raw_name) + len(raw_value)
        name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "replace")
        last_headers[name] = value
        if name in headers:
            value = f"{headers[name]}{'; ' if name == 'cookie' else ', '}{value}"
        headers[name] = value
    if size > settings.max_header_bytes:
        raise headers_too_large(settings.max_header_bytes)
    return Request(
        scope["method"],
        scope["path"],
        scope["path_params"].get("function", ""),
        scope["query_string"].decode("latin-1"),
        headers,
        last_headers,
        record_of(scope),
        receive,
    )


def bearer_token(request: Request) -> str | None:
    """The token of the header Authorization; None without one.

    Raises:
        Failure: there are several.
    """
    given = request.headers.get("authorization", "")
    if "," in given:
        raise not_authenticated()
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body. Raises Failure: it is too large, or does not arrive in time."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > settings.max_body_bytes:
        raise too_large(settings.max_body_bytes)
    try:
        async with asyncio.timeout(settings.request_timeout_seconds):
            return await _whole_body(request.receive, settings.max_body_bytes)
    except TimeoutError:
        raise too_slow() from None


async def _whole_body(receive: Receive, max_bytes: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise invalid_body("The body ended too early")
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise too_large(max_bytes)
        if not message.get("more_body"):
            return bytes(body)


def content_type(request: Request) -> str:
    """The body's media type without parameters; JSON if none is given."""
    return request.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()


def _refuse(constant: str) -> NoReturn:
    # Python accepts NaN and Infinity, which are not JSON
    raise ValueError(constant)


_READ: Final = json.JSONDecoder(parse_constant=_refuse, parse_int=str, parse_float=str).decode


def json_arguments(body: bytes, *, as_postgrest: bool = False) -> Arguments:
    """The arguments in a JSON object; an empty body is an empty object.

    Args:
        body: the body.
        as_postgrest: whether a JSON value that cannot hold any arguments is an empty object too: ``null``, a
            number, a text, an empty array. Blanks are not.

    Raises:
        Failure: it is not a JSON object.
    """
    if not (body if as_postgrest else body.strip()):
        return Arguments(frozenset(), "{}")
    try:
        text = body.decode()
        given: Any = _READ(text)
    except (ValueError, RecursionError):
        raise invalid_body("Empty or invalid json") from None
    if as_postgrest and (given == [] or not isinstance(given, dict | list)):
        return Arguments(frozenset(), "{}")
    if not isinstance(given, dict):
        raise invalid_body("The body must be a JSON object with the arguments")
    return Arguments(frozenset(given), text, given, _user_id(given))


def form_arguments(body: bytes) -> Arguments:
    """The arguments in a form: every value is a text. Raises Failure."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise invalid_body("Invalid form") from None
    return text_arguments(dict(pairs))


def text_arguments(given: Mapping[str, str]) -> Arguments:
    """Arguments whose values are texts, which PostgreSQL reads by their types."""
    return Arguments(frozenset(given), json.dumps(given), given, _user_id(given))


def _user_id(given: Mapping[str, Any]) -> str | None:
    user_id = given.get("user_id")
    return user_id.lower() if isinstance(user_id, str) else None


def for_the_database(request: Request, path: str, headers: Mapping[str, str]) -> HttpRequest:
    """What the database learns of a request, in PostgREST's form, with these headers but not the tokens."""
    headers = {name: value for name, value in headers.items() if name not in _SECRET_HEADERS}
    headers["x-request-id"] = request.record.request_id
    cookies = request.headers.get("cookie")
    told = json.dumps(cookie_parser(cookies)) if cookies else "{}"
    return HttpRequest(request.method, path, json.dumps(headers, separators=(",", ":")), told)
