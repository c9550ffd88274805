"""The links in e-mails: opening one shows a button, and only pressing it does something.

Scanners of mail open every link, so opening must not do anything. Mail programs unsubscribe with a POST of
their own (RFC 8058). Who asks does not matter, only the token does.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import parse_qs
from uuid import UUID

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wingmanmatch.call.identity import Identity
from wingmanmatch.call.one_trip import Statement
from wingmanmatch.http import link_pages, links
from wingmanmatch.http.call import HttpRequest
from wingmanmatch.http.database import Database
from wingmanmatch.http.endpoint import Guarded
from wingmanmatch.http.failures import Failure, invalid_link, link_over, method_not_allowed
from wingmanmatch.http.link_pages import Page, language_of, shown
from wingmanmatch.http.requests import Request, read_body
from wingmanmatch.http.settings import Settings

_METHODS: Final = ("GET", "HEAD", "POST")
_INVALID: Final = frozenset(
    {"invalid_link", "invalid_input", "method_not_allowed", "body_too_large", "headers_too_large"}
)
"""The failures that are the request's own; after the others the link works later."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of link."""

    path: str
    verify: Callable[[str, str], UUID]
    """Finds whom or what a token is about, with the key."""
    function: str
    statement: Statement
    """What pressing the button does; its result is false if the link no longer applies."""
    asked: Page
    done: Page
    over: Page


_KINDS: Final = (
    _Kind(
        links.CONFIRM_PATH,
        links.verify_confirmation,
        "confirm_email_address",
        Statement.of(b"select wingman.confirm_email_address($1)::text"),
        link_pages.CONFIRM,
        link_pages.CONFIRMED,
        link_pages.CONFIRM_OVER,
    ),
    _Kind(
        links.UNSUBSCRIBE_PATH,
        links.verify_unsubscribe,
        "unsubscribe",
        Statement.of(b"select wingman.unsubscribe($1, 'email')::text"),
        link_pages.UNSUBSCRIBE,
        link_pages.UNSUBSCRIBED,
        link_pages.UNSUBSCRIBE_OVER,
    ),
)


def routes(settings: Settings, database: Database) -> list[Route]:
    """The routes of the links; none without a key that signs them."""
    if settings.link_key is None:
        return []
    return [Route(kind.path, _Link(kind, settings.link_key, settings, database)) for kind in _KINDS]


class _Link:
    """An ASGI application: the pages of a kind of link."""

    def __init__(self, kind: _Kind, key: str, settings: Settings, database: Database) -> None:
        self._kind = kind
        self._key = key
        self._settings = settings
        self._database = database

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request in the language that it asks for."""
        language = language_of(Headers(scope=scope).get("accept-language", ""))
        answer, refuse = partial(self._answer, language), partial(self._refusal, language)
        await Guarded(answer, refuse, self._settings)(scope, receive, send)

    async def _answer(self, language: str, request: Request) -> Response:
        if request.method not in _METHODS:
            raise method_not_allowed(", ".join(_METHODS))
        subject = self._subject(request)
        if request.method != "POST":
            return shown(self._kind.asked, language)
        # which of the two forms it comes from makes no difference
        await read_body(request, self._settings)
        await self._do(subject, request)
        return shown(self._kind.done, language)

    def _subject(self, request: Request) -> str:
        """Whom or what the link is about. Raises Failure."""
        try:
            (token,) = parse_qs(request.query, max_num_fields=100)[links.PARAMETER]
            return str(self._kind.verify(self._key, token))
        except (ValueError, KeyError, links.InvalidLinkError):
            raise invalid_link() from None
        except links.ExpiredLinkError:
            raise link_over() from None

    async def _do(self, subject: str, request: Request) -> None:
        """Do what the link is for. Raises Failure."""
        request.record.function = self._kind.function
        request.record.user = f"{Identity.service().role} {subject}"
        # the token is in the query, and whatever else came with it may hold it, too
        headers = json.dumps({"x-request-id": request.record.request_id})
        told = HttpRequest(request.method, request.path, headers, "{}")
        result = await self._database.write(
            self._kind.statement, [subject.encode()], request.record.user, told
        )
        if result.get_value(0, 0) != b"true":
            raise link_over()

    def _refusal(self, language: str, failure: Failure) -> Response:
        status, headers = failure.head_for_api()
        if failure.name == "link_over":
            page = self._kind.over
        else:
            page = link_pages.INVALID if failure.name in _INVALID else link_pages.FAILED
        return shown(page, language, status, headers)
