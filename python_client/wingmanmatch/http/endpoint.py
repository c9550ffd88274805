"""How both kinds of path make a call: who asks, which function, with which arguments."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable
from difflib import get_close_matches
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from wingmanmatch.contract.catalog import Catalog, Function
from wingmanmatch.http.call import Arguments, Call, Reply
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
from wingmanmatch.http.record import Record, record_of
from wingmanmatch.http.requests import bearer_token, for_the_database
from wingmanmatch.http.settings import Settings
from wingmanmatch.http.tokens import ANON, Identity, InvalidTokenError, Tokens

log = logging.getLogger(__name__)

ALL_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Calls:
    """What the endpoints share."""

    def __init__(self, settings: Settings, catalog: Catalog, tokens: Tokens, database: Database) -> None:
        self.settings = settings
        self.catalog = catalog
        self._tokens = tokens
        self._database = database

    async def identity(self, request: Request, *, needs_token: bool) -> Identity:
        """Who asks. Raises Failure: the token does not hold, or there is none where one is needed."""
        token = bearer_token(request)
        if token is None and not needs_token:
            # as the gateway before PostgREST does on Supabase
            token = request.headers.get("apikey")
            if token is None:
                return ANON
        if token is None:
            raise not_authenticated()
        try:
            identity = await self._tokens.identity(token)
        except InvalidTokenError:
            raise not_authenticated() from None
        except KeysUnavailableError:
            raise keys_unavailable() from None
        record_of(request).role = identity.role
        return identity

    def function(self, name: str, given: Iterable[str], *, needs_all: bool) -> Function:
        """The function of this name that takes these arguments.

        Args:
            name: its name.
            given: the names of the arguments.
            needs_all: whether those without a default must be among them.

        Raises:
            Failure: there is none.
        """
        function, names = self.catalog.functions.get(name), set(given)
        if function is None:
            raise self.not_found(name, names)
        required = {argument.name for argument in function.arguments if argument.required}
        if not names <= function.by_argument.keys() or (needs_all and not required <= names):
            raise self.not_found(name, names)
        return function

    def not_found(self, name: str, names: set[str]) -> Failure:
        in_order = ", ".join(sorted(names))
        called = f"({in_order})" if names else " without parameters"
        searched = f" with parameter{'s' * (len(names) > 1)} {in_order}" if names else " without parameters"
        hint = None
        if near := get_close_matches(name, self.catalog.functions, 1):
            takes = ", ".join(argument.name for argument in self.catalog.functions[near[0]].arguments)
            hint = f"Perhaps you meant to call the function public.{near[0]}({takes})"
        return Failure(
            404,
            "PGRST202",
            f"Could not find the function public.{name}{called} in the schema cache",
            "function_not_found",
            f"Searched for the function public.{name}{searched}"
            ", but no matches were found in the schema cache.",
            hint,
        )

    async def perform(
        self,
        request: Request,
        path: str,
        identity: Identity,
        function: Function,
        arguments: Arguments,
    ) -> Reply:
        """Make the call. Raises Failure."""
        record = record_of(request)
        record.function = function.name
        reads = not function.writes or request.method != "POST"
        told = for_the_database(request, path, record.request_id)
        return await self._database.perform(Call(function, arguments, identity, told, reads))


def answer(reply: Reply, headers: dict[str, str], content: bytes | None = None) -> Response:
    """The function's answer, with the status and the headers that it may have set.

    Raises:
        Failure: it has set them to nonsense.
    """
    status = _status(reply.status)
    response = Response(content_with(status, reply.value if content is None else content), status)
    for name, value in {"Content-Type": JSON, **headers}.items():
        response.headers[name] = value
    for name, value in _headers(reply.headers):
        response.headers[name] = value
    return response


def _status(text: bytes | None) -> int:
    if not text:
        return 200
    if text.isdigit() and 200 <= int(text) <= 599:
        return int(text)
    raise _nonsense("PGRST112", "response.status guc must be a valid status code")


def _headers(text: bytes | None) -> list[tuple[str, str]]:
    try:
        given = json.loads(text or b"[]")
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


Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint, render: Callable[[Failure], Response]) -> Endpoint:
    """An endpoint whose failures are told in one form, and whose outcome is recorded."""

    async def guarded_endpoint(request: Request) -> Response:
        record: Record = record_of(request)
        try:
            response = await endpoint(request)
        except Failure as failure:
            record.outcome = failure.name
            if failure.name == "internal_error":
                log.error("A call failed with %s", failure.code, extra={"request_id": record.request_id})
            return render(failure)
        except Exception as error:
            record.outcome = "internal_error"
            log.exception("A request failed", exc_info=error, extra={"request_id": record.request_id})
            return render(internal_error())
        record.outcome = "ok"
        return response

    return guarded_endpoint
