"""How both kinds of path make a call: who calls, which function, with which arguments."""

import json
import logging
from collections.abc import Awaitable, Callable, Collection
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from wingmanmatch.call.identity import Identity
from wingmanmatch.catalog.functions import Catalog, Function
from wingmanmatch.http.call import Arguments, Call, HttpRequest, Reply
from wingmanmatch.http.database import Database
from wingmanmatch.http.failures import (
    JSON,
    Failure,
    content_with,
    internal_error,
    keys_unavailable,
    not_authenticated,
    sendable,
)
from wingmanmatch.http.keys import KeysUnavailableError
from wingmanmatch.http.record import RefusalLog, record_of
from wingmanmatch.http.requests import (
    JSON_TYPE,
    RAW_TYPES,
    Request,
    bearer_token,
    read_request,
)
from wingmanmatch.http.settings import Settings
from wingmanmatch.http.tokens import ANON, InvalidTokenError, Tokens

_SERVICE: Final = "service_role"

log = logging.getLogger(__name__)


class Calls:
    """What the endpoints share."""

    def __init__(
        self,
        settings: Settings,
        catalog: Catalog,
        tokens: Tokens,
        database: Database,
        refusals: RefusalLog,
        timezones: frozenset[str],
    ) -> None:
        self.settings = settings
        self.catalog = catalog
        self.timezones = timezones
        self._tokens = tokens
        self._database = database
        self._refusals = refusals

    async def identity(self, request: Request, *, needs_token: bool) -> Identity:
        """The caller. Raises Failure: the token is invalid, or there is none although one is needed."""
        token = bearer_token(request)
        if token is None and not needs_token:
            # as the gateway in front of PostgREST does on Supabase
            token = request.headers.get("apikey")
            if token is None:
                return ANON
        if token is None:
            raise not_authenticated()
        try:
            identity = await self._tokens.identity(token)
        except InvalidTokenError as invalid:
            request.record.reason = invalid.reason
            raise not_authenticated() from None
        except KeysUnavailableError:
            raise keys_unavailable() from None
        request.record.role = identity.role
        if identity.role != ANON.role:
            request.record.user = _user(identity)
        return identity

    def function(
        self, name: str, given: frozenset[str], *, needs_all: bool, media_type: str | None = None
    ) -> Function:
        """The function of this name that takes these arguments.

        Args:
            name: its name.
            given: the names of the arguments.
            needs_all: whether those without a default must be among them.
            media_type: the type of the body that they come from.

        Raises:
            Failure: there is no such function.
        """
        function = self.catalog.functions.get(name)
        if (
            function is None
            or not given <= function.by_argument.keys()
            or (needs_all and not function.required <= given)
        ):
            raise self.not_found(name, given, media_type)
        return function

    def not_found(self, name: str, names: Collection[str], media_type: str | None = None) -> Failure:
        """There is no such function; PostgREST says so in these words."""
        in_order = ", ".join(sorted(names))
        called = f"({in_order})" if names else " without parameters"
        searched = f" with parameter{'s' * (len(names) > 1)} {in_order}" if names else called
        hint = self._near(name, f"({in_order})")
        if media_type == JSON_TYPE:
            searched += " or with a single unnamed json/jsonb parameter"
        elif unnamed := RAW_TYPES.get(media_type or ""):
            called, hint = "", None
            searched = f" with a single unnamed {unnamed} parameter"
        return Failure(
            404,
            "PGRST202",
            f"Could not find the function public.{name}{called} in the schema cache",
            "function_not_found",
            f"Searched for the function public.{name}{searched}"
            ", but no matches were found in the schema cache.",
            hint,
        )

    def _near(self, name: str, arguments: str) -> str | None:
        """A hint at what may be meant: other arguments if the function is known, else another function."""
        if function := self.catalog.functions.get(name):
            takes = f"({', '.join(sorted(function.by_argument))})"
            near = [name + takes for takes in get_close_matches(arguments, [takes], 1, 1 / 3)]
        else:
            near = get_close_matches(name, self.catalog.functions, 1)
        return f"Perhaps you meant to call the function public.{near[0]}" if near else None

    async def perform(
        self,
        request: Request,
        told: HttpRequest,
        identity: Identity,
        function: Function,
        arguments: Arguments,
        timezone: str | None = None,
        rows: range | None = None,
    ) -> Reply:
        """Make the call. Raises Failure."""
        request.record.function = function.name
        reads = not function.writes or request.method != "POST"
        if identity.role == _SERVICE and arguments.user_id:
            # whoever it acts for
            request.record.user = f"{_SERVICE} {arguments.user_id}"
        user = request.record.user
        quiet = self._refusals.are_too_many(user)
        call = Call(function, arguments, identity, told, reads, user, quiet, timezone, rows)
        return await self._database.perform(call)


@lru_cache(maxsize=4096)
def _user(identity: Identity) -> str:
    """Whose calls count as one user's: those of a person, whatever the token, or those of a role."""
    return f"{identity.role} {json.loads(identity.claims).get('sub')}"


def answer(
    reply: Reply, headers: dict[str, str], content: bytes | None = None, status: int = 200
) -> Response:
    """The function's answer, with the status and the headers that it may have set.

    Args:
        reply: what the function returned.
        headers: those that it may replace.
        content: the body, if not the function's result.
        status: the one that it may replace.

    Raises:
        Failure: it has set them to nonsense.
    """
    status = _status(reply.status) or status
    # each name once, however it is written
    headers = {"content-type": JSON, **headers}
    headers |= {name.lower(): value for name, value in _headers(reply.headers)}
    return Response(content_with(status, reply.value if content is None else content), status, headers)


def _status(text: bytes | None) -> int | None:
    if not text:
        return None
    if text.isdigit() and 200 <= int(text) <= 599:
        return int(text)
    raise _nonsense("PGRST112", "response.status guc must be a valid status code")


def _headers(text: bytes | None) -> list[tuple[str, str]]:
    if not text:
        return []
    try:
        given = json.loads(text)
        if not isinstance(given, list):
            raise TypeError(given)
        pairs = [_one(header) for header in given]
    except (ValueError, TypeError, AttributeError):
        raise _nonsense(
            "PGRST111",
            "response.headers guc must be a JSON array composed of objects"
            " with a single key and a string value",
        ) from None
    return pairs


def _one(header: dict[str, str]) -> tuple[str, str]:
    (pair,) = header.items()
    return sendable(pair)


def _nonsense(code: str, message: str) -> Failure:
    return Failure(500, code, message, "internal_error")


Endpoint = Callable[[Request], Awaitable[ASGIApp]]


class Guarded:
    """An ASGI application that reports an endpoint's failures in one form, and records its outcome."""

    def __init__(self, endpoint: Endpoint, render: Callable[[Failure], Response], settings: Settings) -> None:
        self._endpoint = endpoint
        self._render = render
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        record = record_of(scope)
        try:
            response: ASGIApp = await self._endpoint(read_request(scope, receive, self._settings))
            record.outcome = "ok"
        except Failure as failure:
            record.outcome = failure.name
            if failure.name == "internal_error":
                log.error("A call failed with %s", failure.code, extra={"request_id": record.request_id})
            response = self._render(failure)
        except Exception as error:
            record.outcome = "internal_error"
            log.exception("A request failed", exc_info=error, extra={"request_id": record.request_id})
            response = self._render(internal_error())
        await response(scope, receive, send)
