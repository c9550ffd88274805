"""What every request passes, whatever it asks for, and what every answer carries."""

from time import monotonic
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wingmanmatch.admin.problems import Problem
from wingmanmatch.admin.secrets import Secrets, unauthorized

SECRET: Final = "x-wingman-secret"
POLLING: Final = "x-wingman-polling"
"""Says that nobody asks for it: the page does so by itself."""
API: Final = "/api"
OPEN: Final = "/api/open"
_SECURITY: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Lets in what comes from the page itself, by its name, its origin and its secret.

    A page of another site can make a browser send requests here, and can give this address a name of its own.
    It cannot forge Host and Origin, nor send a header without asking first, which is not allowed here.
    """

    def __init__(self, app: ASGIApp, *, host: str, secrets: Secrets) -> None:
        self._app = app
        self._host = host
        self._secrets = secrets
        self.asked_at = monotonic()
        """When somebody last asked for something."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SECURITY)
            await send(message)

        try:
            self._check(scope)
        except Problem as problem:
            await problem.response()(scope, receive, send_protected)
        else:
            await self._app(scope, receive, send_protected)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if headers.getlist("host") != [self._host]:
            raise Problem(403, "forbidden", f"This page is at http://{self._host} only")
        if headers.getlist("origin") not in ([], [f"http://{self._host}"]):
            raise Problem(403, "forbidden", "Another page asks")
        if scope["method"] not in ("GET", "POST"):
            raise Problem(405, "method_not_allowed", "This method is not allowed here")
        if not scope["path"].startswith(f"{API}/"):
            return
        # a browser says so even where it sends no origin
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Problem(403, "forbidden", "Another page asks")
        if scope["path"] == OPEN:
            return
        if not self._secrets.knows(headers.get(SECRET)):
            raise unauthorized()
        if POLLING not in headers:
            self.asked_at = monotonic()
