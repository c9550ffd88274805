"""``/api/notifications/stream``: a user's new notifications, as Server-Sent Events."""

import asyncio
import json
import re
from time import time
from typing import Any, Final

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wingmanmatch.call.identity import Identity
from wingmanmatch.http.endpoint import Calls, Guarded
from wingmanmatch.http.failures import (
    Failure,
    malformed_id,
    method_not_allowed,
    not_authenticated,
    only_for_users,
)
from wingmanmatch.http.feed import LEFT, SHUTDOWN, Feed, Listener, message
from wingmanmatch.http.protocol import connection_of
from wingmanmatch.http.record import record_of
from wingmanmatch.http.requests import Request

PATH: Final = "/api/notifications/stream"
EVENT_STREAM: Final = "text/event-stream"
_UUID: Final = re.compile("[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_HEADERS: Final = [
    (b"content-type", EVENT_STREAM.encode()),
    (b"cache-control", b"no-store"),
    # otherwise nginx buffers the messages
    (b"x-accel-buffering", b"no"),
]


def routes(calls: Calls, feed: Feed) -> list[Route]:
    """The route of the stream."""

    async def stream(request: Request) -> Stream:
        request.record.function = "notifications_stream"
        if request.method != "GET":
            raise method_not_allowed("GET")
        identity = await calls.identity(request, needs_token=True)
        user_id, expires_at = _user_of(identity, calls.settings.jwt_leeway_seconds)
        after = request.headers.get("last-event-id") or None
        if after is not None and not _UUID.fullmatch(after):
            raise malformed_id("Last-Event-ID")
        return Stream(feed, await feed.join(user_id, after and after.lower(), expires_at))

    return [Route(PATH, Guarded(stream, Failure.for_api, calls.settings))]


def _user_of(identity: Identity, leeway_seconds: float) -> tuple[str, float]:
    """Whose stream it is, and when it must end. Raises Failure: the token is not that of a user."""
    if identity.role == "anon":
        raise not_authenticated()
    if identity.role != "authenticated":
        raise only_for_users()
    claims: dict[str, Any] = json.loads(identity.claims)
    user_id = claims.get("sub")
    if not isinstance(user_id, str) or not _UUID.fullmatch(user_id):
        raise not_authenticated()
    expires_at = float(claims["exp"])
    # accepted all the same, within the leeway
    has_expired = expires_at <= time()
    return user_id.lower(), expires_at + leeway_seconds * has_expired


class Stream:
    """An ASGI application: a response that goes on until its listener ends."""

    def __init__(self, feed: Feed, listener: Listener) -> None:
        self._feed = feed
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        listener, connection = self._listener, connection_of(scope)
        gone = asyncio.create_task(_gone(receive))
        gone.add_done_callback(lambda _: listener.end(LEFT))
        try:
            listener.hang_up = connection.hang_up
            connection.lasts(lambda: listener.end(SHUTDOWN))
            await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS]})
            content: bytes | None = message("ready", listener.since or "", b"{}")
            while content is not None:
                listener.is_sending = True
                await send({"type": "http.response.body", "body": content, "more_body": True})
                listener.is_sending = False
                if listener.wants_page:
                    self._feed.ask_for_page()
                content = await listener.next()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._feed.leave(listener)
            record_of(scope).stream_end = listener.ended
            gone.cancel()
            connection.lasts(None)


async def _gone(receive: Receive) -> None:
    """Return once the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
