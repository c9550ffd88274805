"""The application, made from the settings and the database's catalog."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from wingmanmatch.catalog.functions import read_catalog
from wingmanmatch.database.connection import connect, without_statement_timeout
from wingmanmatch.http import api, email_links, explorer, health, rest, stream
from wingmanmatch.http.database import Database, check_login
from wingmanmatch.http.endpoint import Calls
from wingmanmatch.http.failures import Failure
from wingmanmatch.http.feed import Feed
from wingmanmatch.http.keys import PublishedKeys
from wingmanmatch.http.record import Metrics, Recorder, RefusalLog
from wingmanmatch.http.role_settings import read_role_settings, read_timezones
from wingmanmatch.http.settings import Settings
from wingmanmatch.http.tokens import ROLES, Tokens

EXPOSED_HEADERS = (
    "Content-Range",
    "Idempotency-Replayed",
    "Preference-Applied",
    "Retry-After",
    "X-Request-Id",
)
"""The headers that a browser lets a page read, besides the few that it always allows."""


def create_app(settings: Settings) -> Starlette:
    """Make the application. It reads the database's functions once, now.

    Raises:
        UnsafeSettingsError: the login has too many rights, or too few.
        psycopg.OperationalError: the database cannot be reached.
    """
    check_login(settings)
    with connect(settings.database_url) as connection, without_statement_timeout(connection):
        catalog = read_catalog(connection)
        roles = read_role_settings(connection, ROLES)
        timezones = read_timezones(connection)
    database = Database(settings, roles)
    feed = Feed(settings, database)
    metrics = Metrics(lambda: {**database.statistics(), "streams": feed.count})
    refusals = RefusalLog(settings.refusals_logged)
    keys = PublishedKeys(settings)
    calls = Calls(settings, catalog, Tokens(settings, keys), database, refusals, timezones)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with database.opened(), asyncio.TaskGroup() as tasks:
            lasting = (
                metrics.keep_current(),
                keys.fetch_first(),
                refusals.keep_current(),
                feed.keep_reading(),
                feed.keep_swept(),
            )
            begun = [tasks.create_task(work) for work in lasting]
            yield
            for task in begun:
                task.cancel()
        refusals.end_minute()

    app = Starlette(
        lifespan=lifespan,
        routes=[
            *rest.routes(calls),
            *stream.routes(calls, feed),
            *email_links.routes(settings, database),
            *api.routes(calls),
            *health.routes(settings, metrics, database),
            *explorer.routes(),
        ],
        middleware=[
            Middleware(Recorder, metrics=metrics, refusals=refusals),
            *([_cors(settings)] if settings.cors_origins else []),
        ],
        exception_handlers={HTTPException: _tell},
    )
    app.router.redirect_slashes = False
    return app


def _cors(settings: Settings) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST", "OPTIONS"],
        # any headers that client libraries add; the tokens are in headers, not in cookies
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
