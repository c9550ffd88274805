"""The application: FastAPI's, made from the settings and the database's catalog."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from wingmanmatch.contract.catalog import read_catalog
from wingmanmatch.database.connection import connect
from wingmanmatch.http import api, health, rest
from wingmanmatch.http.database import Database, check_login
from wingmanmatch.http.endpoint import Calls
from wingmanmatch.http.failures import Failure, headers_too_large
from wingmanmatch.http.keys import PublishedKeys
from wingmanmatch.http.record import Metrics, Recorder, record_of
from wingmanmatch.http.settings import Settings
from wingmanmatch.http.tokens import Tokens

EXPOSED_HEADERS = (
    "Content-Range",
    "Idempotency-Replayed",
    "Preference-Applied",
    "Retry-After",
    "X-Request-Id",
)
"""What a browser lets a page read, besides the few that it always does."""


def create_app(settings: Settings) -> FastAPI:
    """Make the application. The database is asked for its functions now, and not again.

    Raises:
        UnsafeSettingsError: the login may do too much, or too little.
        psycopg.OperationalError: the database is not there.
    """
    check_login(settings)
    with connect(settings.database_url) as connection:
        catalog = read_catalog(connection)
    database = Database(settings)
    metrics = Metrics(database.pool)
    calls = Calls(settings, catalog, Tokens(settings, PublishedKeys(settings)), database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with database.opened():
            yield

    return FastAPI(
        title="WingmanMatch",
        lifespan=lifespan,
        # docs/openapi.json is made from the catalog
        openapi_url=None,
        redirect_slashes=False,
        routes=[*health.routes(settings, metrics), *api.routes(calls), *rest.routes(calls)],
        middleware=[
            Middleware(Recorder, metrics=metrics),
            *([_cors(settings)] if settings.cors_origins else []),
            Middleware(HeaderLimit, max_bytes=settings.max_header_bytes),
        ],
        exception_handlers={HTTPException: _tell},
    )


def _cors(settings: Settings) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        # whatever a client library sends besides; the tokens are in headers, not in cookies
        allow_headers=["*"],
        expose_headers=EXPOSED_HEADERS,
        max_age=86_400,
    )


async def _tell(request: Request, error: Exception) -> Response:
    """The framework's own refusals, 404 and 405, in the form of the path."""
    assert isinstance(error, HTTPException)
    name = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")
    message = {404: "There is no such path", 405: "This method is not allowed here"}.get(error.status_code)
    failure = Failure(error.status_code, "PGRST117", message or "Refused", name, headers=error.headers or {})
    return failure.for_rest() if request.url.path.startswith("/rest/") else failure.for_api()


class HeaderLimit:
    """ASGI middleware that refuses more headers than the database is to be told of."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if scope["type"] == "http":
            size = sum(len(name) + len(value) for name, value in scope["headers"])
            size += len(scope["raw_path"]) + len(scope["query_string"])
            if size > self._max_bytes:
                failure = headers_too_large(self._max_bytes)
                record_of(Request(scope)).outcome = failure.name
                is_rest = scope["path"].startswith("/rest/")
                app = failure.for_rest() if is_rest else failure.for_api()
        await app(scope, receive, send)
