"""The paths under /rest/v1: PostgREST's calls of functions, by its rules."""

import re
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
    Request,
    content_type,
    form_arguments,
    json_arguments,
    read_body,
    text_arguments,
)

_OBJECT: Final = "application/vnd.pgrst.object+json"
_ARRAY: Final = "application/vnd.pgrst.array+json"

_RESHAPING: Final = frozenset(
    {"select", "order", "limit", "offset", "and", "or", "not.and", "not.or", "columns", "on_conflict"}
)
"""The words of a query that shape or filter a result."""
_OPERATION: Final = re.compile(
    r"(not\.)?(eq|neq|gte?|lte?|i?like|i?match|in|is|isdistinct|[pw]?fts|plfts|phfts|cs|cd|ov|s[lr]|nx[rl]|adj)"
    r"(\((any|all|[a-z_]+)\))?\."
)
"""How the value of a filter begins, unlike that of an argument."""
_RAW_TYPES: Final = frozenset({"text/plain", "text/xml", "application/octet-stream"})
"""Bodies that PostgREST passes whole to a function with one unnamed argument; there is no such function."""

_COUNTS: Final = frozenset({"count=exact", "count=planned", "count=estimated"})
_PREFERENCES: Final = _COUNTS | {
    "handling=strict",
    "handling=lenient",
    "return=representation",
    "return=minimal",
    "return=headers-only",
}


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
        given = await self._arguments(request)
        preferences = _preferences(request)
        function = self._calls.function(request.function, given.names, needs_all=True)
        wanted = _negotiate(request.headers.get("accept", "*/*"))
        path = request.path.removeprefix("/rest/v1")
        reply = await self._calls.perform(request, path, identity, function, given)
        return _shaped(request, function, reply, wanted, preferences)

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
            return json_arguments(body)
        if media_type == FORM_TYPE:
            return form_arguments(body)
        if media_type in _RAW_TYPES:
            raise self._calls.not_found(request.function, ())
        raise invalid_body(f"Content-Type not acceptable: {media_type}")


def _check_profile(request: Request) -> None:
    header = "content-profile" if request.method == "POST" else "accept-profile"
    if request.headers.get(header, "public") != "public":
        raise Failure(406, "PGRST106", "The schema must be one of the following: public", "not_acceptable")


def _preferences(request: Request) -> frozenset[str]:
    given = [
        preference.strip().lower()
        for preference in request.headers.get("prefer", "").split(",")
        if preference.strip()
    ]
    unknown = [preference for preference in given if preference not in _PREFERENCES]
    if unknown and "handling=strict" in given:
        raise Failure(
            400,
            "PGRST122",
            "Invalid preferences given with handling=strict",
            "invalid_input",
            details=f"Invalid preferences: {', '.join(unknown)}",
        )
    return frozenset(given) & _PREFERENCES


def _negotiate(accept: str) -> str:
    """The media type of the answer: the first one asked for that is available."""
    asked = [part.strip().lower() for part in accept.split(",")]
    for part in asked:
        media_type, _, parameters = part.partition(";")
        if "nulls=stripped" in parameters:
            continue
        if media_type in ("*/*", "application/*", "", JSON_TYPE, _ARRAY):
            return JSON_TYPE
        if media_type == _OBJECT:
            return _OBJECT
    raise Failure(
        406,
        "PGRST107",
        f"None of these media types are available: {', '.join(asked)}",
        "not_acceptable",
    )


def _shaped(
    request: Request, function: Function, reply: Reply, wanted: str, preferences: frozenset[str]
) -> Response:
    content = reply.value
    counts = preferences & _COUNTS
    total = str(reply.rows) if counts else "*"
    headers = {"content-type": JSON, "content-range": f"{_range(reply.rows)}/{total}"}
    if wanted == _OBJECT:
        headers["content-type"] = f"{_OBJECT}; charset=utf-8"
        if function.returns_set:
            content = _only_element(reply)
    if applied := sorted(preferences & (_COUNTS | {"handling=strict", "handling=lenient"})):
        headers["preference-applied"] = ", ".join(applied)
    if request.method == "HEAD":
        content = b""
    return answer(reply, headers, content)


def _range(rows: int) -> str:
    return f"0-{rows - 1}" if rows else "*"


def _only_element(reply: Reply) -> bytes:
    if reply.rows != 1:
        raise Failure(
            406,
            "PGRST116",
            "Cannot coerce the result to a single JSON object",
            "not_acceptable",
            details=f"The result contains {reply.rows} rows",
        )
    # an array of one element, as PostgreSQL writes it
    return reply.value[1:-1].strip()
