"""The paths under /rest/v1: PostgREST's calls of functions, by its rules."""

import re
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import Route

from wingmanmatch.catalog.functions import Function
from wingmanmatch.http.call import Arguments, Reply
from wingmanmatch.http.endpoint import Calls, Guarded, answer
from wingmanmatch.http.failures import JSON, Failure, invalid_body, not_supported
from wingmanmatch.http.requests import (
    FORM_TYPE,
    JSON_TYPE,
    RAW_TYPES,
    Request,
    content_type,
    for_the_database,
    form_arguments,
    json_arguments,
    read_body,
    text_arguments,
)

_OBJECT: Final = "application/vnd.pgrst.object+json"
_AVAILABLE: Final = {
    **dict.fromkeys(
        ["*/*", JSON_TYPE, "application/vnd.pgrst.array+json", "application/vnd.pgrst.array"], JSON_TYPE
    ),
    **dict.fromkeys([_OBJECT, "application/vnd.pgrst.object"], _OBJECT),
}
"""The media types that can be asked for, and as what they are answered."""
_MOST_ROWS: Final = 2**31 - 2
"""More than PostgreSQL can put into an array."""

_RESHAPING: Final = frozenset(
    {"select", "order", "limit", "offset", "and", "or", "not.and", "not.or", "columns", "on_conflict"}
)
"""The words of a query that shape or filter a result."""
_OPERATION: Final = re.compile(
    r"(not\.)?(eq|neq|gte?|lte?|i?like|i?match|in|is|isdistinct|[pw]?fts|plfts|phfts|cs|cd|ov|s[lr]|nx[rl]|adj)"
    r"(\((any|all|[a-z_]+)\))?\."
)
"""How the value of a filter begins, unlike that of an argument."""
_RANGE: Final = re.compile(r"([0-9]+)-([0-9]*)")

_COUNTS: Final = frozenset({"count=exact", "count=planned", "count=estimated"})
_HANDLINGS: Final = frozenset({"handling=strict", "handling=lenient"})
_TIMEZONE: Final = "timezone="
_MAX_AFFECTED: Final = "max-affected="
_WITHOUT_EFFECT: Final = frozenset(
    {
        "resolution=merge-duplicates",
        "resolution=ignore-duplicates",
        "return=representation",
        "return=minimal",
        "return=headers-only",
        "tx=commit",
        "tx=rollback",
        "missing=default",
        "missing=null",
    }
)
"""Preferences that PostgREST knows, and that change nothing about a call of a function."""


def routes(calls: Calls) -> list[Route]:
    """The routes under /rest/v1."""
    rest = _Rest(calls)
    endpoints = {
        "/rest/v1/rpc/{function}": rest.call,
        "/rest/v1": rest.anything_else,
        "/rest/v1/{rest:path}": rest.anything_else,
    }
    return [
        Route(path, Guarded(endpoint, Failure.for_rest, calls.settings))
        for path, endpoint in endpoints.items()
    ]


class _Rest:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def anything_else(self, request: Request) -> Response:
        raise not_supported("Tables, views and the description of the API are PostgREST's")

    async def call(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(headers={"Allow": "OPTIONS,GET,HEAD,POST"})
        if request.method not in ("GET", "HEAD", "POST"):
            raise Failure(
                405,
                "PGRST101",
                f"Cannot use the {request.method} method on RPC",
                "method_not_allowed",
                headers={"Allow": "OPTIONS,GET,HEAD,POST"},
            )
        identity = await self._calls.identity(request, needs_token=False)
        _check_profile(request)
        rows = _rows(request)
        given = await self._arguments(request)
        media_type = content_type(request) if request.method == "POST" else None
        function = self._calls.function(request.function, given.names, needs_all=True, media_type=media_type)
        wanted = _negotiate(request.headers.get("accept", "*/*"))
        preferences = _preferences(request, self._calls.timezones)
        if preferences.max_affected is not None and not function.returns_set:
            raise Failure(
                400,
                "PGRST128",
                "Function must return SETOF or TABLE when max-affected preference is used"
                " with handling=strict",
                "invalid_input",
            )
        path = request.path.removeprefix("/rest/v1")
        told = for_the_database(request, path, request.last_headers)
        reply = await self._calls.perform(
            request, told, identity, function, given, preferences.timezone, rows
        )
        return _shaped(request, function, reply, wanted, preferences, rows)

    async def _arguments(self, request: Request) -> Arguments:
        """The arguments of a call, from the query or the body, depending on its method."""
        try:
            query = dict(
                parse_qsl(request.query, keep_blank_values=True, errors="strict", max_num_fields=100)
            )
        except ValueError:
            raise Failure(400, "PGRST100", "The query cannot be read", "invalid_input") from None
        is_post = request.method == "POST"
        for name, value in query.items():
            if name == "select" and value == "*":
                continue
            if is_post or name in _RESHAPING or _OPERATION.match(value):
                raise not_supported(
                    "A result is given as it is: it is not filtered, ordered, limited or reshaped"
                )
        query.pop("select", None)
        if not is_post:
            return text_arguments(query)
        body = await read_body(request, self._calls.settings)
        media_type = content_type(request)
        if media_type == JSON_TYPE:
            return json_arguments(body, as_postgrest=True)
        if media_type == FORM_TYPE:
            return form_arguments(body)
        if media_type in RAW_TYPES:
            # no function here has an unnamed argument
            raise self._calls.not_found(request.function, (), media_type)
        raise invalid_body(f"Content-Type not acceptable: {media_type}")


def _check_profile(request: Request) -> None:
    header = "content-profile" if request.method == "POST" else "accept-profile"
    if request.headers.get(header, "public") != "public":
        raise Failure(406, "PGRST106", "The schema must be one of the following: public", "not_acceptable")


def _rows(request: Request) -> range | None:
    """The rows that the header Range asks for, as PostgREST reads it: without a unit, and only of a GET.

    Raises:
        Failure: the last one comes before the first.
    """
    asked = request.headers.get("range", "").partition(",")[0].strip()
    found = _RANGE.fullmatch(asked) if request.method == "GET" else None
    if found is None:
        return None
    first, last = (_row(digits) for digits in found.groups())
    if last < first:
        raise _not_satisfiable(
            "The lower boundary must be lower than or equal to the upper boundary in the Range header."
        )
    return range(first, last + 1)


def _row(digits: str) -> int:
    # Python reads only so many digits
    return min(int(digits), _MOST_ROWS) if 0 < len(digits) < 20 else _MOST_ROWS


def _not_satisfiable(details: str) -> Failure:
    return Failure(416, "PGRST103", "Requested range not satisfiable", "invalid_input", details=details)


@dataclass(frozen=True, slots=True)
class _Preferences:
    """What the header Prefer asks for."""

    count: str | None
    handling: str | None
    timezone: str | None
    max_affected: int | None
    """The most rows that a result may have."""

    @property
    def counts(self) -> bool:
        """Whether all rows are counted. The planner's guess is not available for functions."""
        return self.count in ("count=exact", "count=estimated")

    @property
    def applied(self) -> str:
        """The value of the header Preference-Applied."""
        timezone = self.timezone and f"{_TIMEZONE}{self.timezone}"
        max_affected = None if self.max_affected is None else f"{_MAX_AFFECTED}{self.max_affected}"
        return ", ".join(filter(None, (self.count, self.handling, timezone, max_affected)))


def _preferences(request: Request, timezones: frozenset[str]) -> _Preferences:
    """The preferences; the first one counts where one is given more than once.

    Raises:
        Failure: one is unknown, and all have to be known.
    """
    given = [preference.strip() for preference in request.headers.get("prefer", "").split(",")]
    handling = next((preference for preference in given if preference in _HANDLINGS), None)
    is_strict = handling == "handling=strict"
    timezone = _value(given, _TIMEZONE)
    if timezone not in timezones:
        timezone = None
    unknown = [
        preference
        for preference in given
        if preference not in _COUNTS | _HANDLINGS | _WITHOUT_EFFECT
        and not preference.startswith(_MAX_AFFECTED)
        and not (timezone and preference.startswith(_TIMEZONE))
    ]
    if is_strict and unknown:
        raise Failure(
            400,
            "PGRST122",
            "Invalid preferences given with handling=strict",
            "invalid_input",
            details=f"Invalid preferences: {', '.join(unknown)}",
        )
    most = _value(given, _MAX_AFFECTED) or ""
    return _Preferences(
        next((preference for preference in given if preference in _COUNTS), None),
        handling,
        timezone,
        int(most) if is_strict and re.fullmatch("-?[0-9]{1,18}", most) else None,
    )


def _value(given: list[str], name: str) -> str | None:
    return next((found.removeprefix(name) for found in given if found.startswith(name)), None)


def _negotiate(accept: str) -> str:
    """The media type of the answer: of those asked for and available, the one that is preferred."""
    asked = sorted(map(_asked, accept.split(",") if accept else []), reverse=True, key=lambda part: part[1:])
    for media_type, *_ in asked:
        name, _, parameters = media_type.partition(";")
        if name.lower() in _AVAILABLE and "nulls=stripped" not in parameters.lower():
            return _AVAILABLE[name.lower()]
    raise Failure(
        406,
        "PGRST107",
        f"None of these media types are available: {', '.join(media_type for media_type, *_ in asked)}",
        "not_acceptable",
    )


def _asked(part: str) -> tuple[str, float, int]:
    """A media type, how much it is wanted, and how specific it is."""
    media_type, _, quality = part.replace(" ", "").replace("\t", "").partition(";q=")
    try:
        wanted = float(quality.partition(";")[0])
    except ValueError:
        wanted = 1.0
    return media_type, wanted, media_type.count(";") - media_type.count("*")


def _shaped(
    request: Request,
    function: Function,
    reply: Reply,
    wanted: str,
    preferences: _Preferences,
    rows: range | None,
) -> Response:
    content = reply.value
    first = rows.start if rows else 0
    shown = len(range(reply.rows)[first : rows.stop if rows else None])
    total = str(reply.rows) if preferences.counts else "*"
    headers = {"content-range": f"{_range(first, shown)}/{total}"}
    if preferences.counts and first > reply.rows:
        failure = _not_satisfiable(
            f"An offset of {first} was requested, but there are only {reply.rows} rows."
        )
        raise replace(failure, headers=headers)
    headers["content-type"] = JSON
    if not shown and not function.returns_set:
        content = b"null"
    if wanted == _OBJECT:
        headers["content-type"] = f"{_OBJECT}; charset=utf-8"
        content = _only_element(content, shown, function)
    if preferences.max_affected is not None and shown > preferences.max_affected:
        raise Failure(
            400,
            "PGRST124",
            "Query result exceeds max-affected preference constraint",
            "invalid_input",
            details=f"The query affects {shown} rows",
        )
    if applied := preferences.applied:
        headers["preference-applied"] = applied
    if request.method == "HEAD":
        content = b""
    is_part = preferences.counts and shown < reply.rows
    return answer(reply, headers, content, 206 if is_part else 200)


def _range(first: int, shown: int) -> str:
    return f"{first}-{first + shown - 1}" if shown else "*"


def _only_element(content: bytes, rows: int, function: Function) -> bytes:
    if rows != 1:
        raise Failure(
            406,
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
            "not_acceptable",
            details=f"The result contains {rows} rows",
        )
    # an array of one element, as PostgreSQL writes it
    return content[1:-1].strip() if function.returns_set else content
