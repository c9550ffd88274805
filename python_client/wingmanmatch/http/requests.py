"""What a request says: its token, its body, its arguments, and what the database is told of it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from wingmanmatch.http.call import Arguments, HttpRequest
from wingmanmatch.http.failures import invalid_body, not_authenticated, too_large, too_slow
from wingmanmatch.http.settings import Settings

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"

# Tokens stay here: the server may write statements with their parameters into its log.
_SECRET_HEADERS: Final = frozenset({"authorization", "apikey", "cookie", "proxy-authorization"})


def bearer_token(request: Request) -> str | None:
    """The token of the header Authorization; None without one.

    Raises:
        Failure: there are several.
    """
    given = request.headers.getlist("authorization")
    if len(given) > 1:
        raise not_authenticated()
    scheme, _, token = (given[0] if given else "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def read_body(request: Request, settings: Settings) -> bytes:
    """The whole body. Raises Failure: it is too large, or does not arrive in time."""
    too_long = too_large(settings.max_body_bytes)
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > settings.max_body_bytes:
        raise too_long
    body = bytearray()
    try:
        async with asyncio.timeout(settings.request_timeout_seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > settings.max_body_bytes:
                    raise too_long
    except TimeoutError:
        raise too_slow() from None
    except ClientDisconnect:
        raise invalid_body("The body ended too early") from None
    return bytes(body)


def content_type(request: Request) -> str:
    """The body's media type without parameters; JSON where none is named."""
    return request.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()


def json_arguments(body: bytes) -> Arguments:
    """The arguments in a JSON object; an empty body is an empty object.

    Raises:
        Failure: it is no JSON object.
    """
    if not body.strip():
        return Arguments(frozenset(), "{}")
    try:
        text = body.decode()
        given = json.loads(text, parse_constant=_refuse, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise invalid_body("Empty or invalid json") from None
    if not isinstance(given, dict):
        raise invalid_body("The body must be a JSON object with the arguments")
    return Arguments(
        frozenset(given), text, frozenset(name for name, value in given.items() if value is None)
    )


def _refuse(constant: str) -> NoReturn:
    # Python reads NaN and Infinity, which are no JSON
    raise ValueError(constant)


def form_arguments(body: bytes) -> Arguments:
    """The arguments in a form: every value is a text. Raises Failure."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise invalid_body("Invalid form") from None
    return text_arguments(dict(pairs))


def text_arguments(given: Mapping[str, str]) -> Arguments:
    """Arguments whose values are texts, which PostgreSQL reads by their types."""
    return Arguments(frozenset(given), json.dumps(given))


def for_the_database(request: Request, path: str, request_id: str) -> HttpRequest:
    """What the database is told of a request, as PostgREST tells it, but for the tokens."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "replace")
        if name not in _SECRET_HEADERS:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    headers["x-request-id"] = request_id
    return HttpRequest(request.method, path, json.dumps(headers), json.dumps(request.cookies))
