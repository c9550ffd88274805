"""Whether the server lives, whether it can serve, and its numbers."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import Any, Final

import psycopg
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wingmanmatch.database.connection import connect
from wingmanmatch.database.fingerprint import against_release, compare
from wingmanmatch.http.database import shut_down
from wingmanmatch.http.record import Metrics, record_of
from wingmanmatch.http.settings import Settings

_LOOK_SECONDS: Final = 10.0
"""How long a look at the database may take."""

log = logging.getLogger(__name__)


def routes(settings: Settings, metrics: Metrics) -> list[Route]:
    """The routes for whoever watches the server."""
    readiness = Readiness(settings)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        obstacle = await readiness.obstacle()
        if obstacle:
            record_of(request.scope).outcome = "not_ready"
            return JSONResponse({"status": "not ready", "reason": obstacle}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready"})

    async def numbers(_: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]


class Readiness:
    """Whether calls would find what they need, looked up now and then."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._looked_at: float | None = None
        self._obstacle: str | None = None
        self._looking = asyncio.Lock()

    async def obstacle(self) -> str | None:
        """What stands in the way; None: nothing."""
        async with self._looking:
            if (
                self._looked_at is None
                or monotonic() - self._looked_at >= self._settings.readiness_max_age_seconds
            ):
                self._obstacle = await asyncio.to_thread(obstacle_in, self._settings.database_url)
                self._looked_at = monotonic()
            return self._obstacle


def obstacle_in(database_url: str) -> str | None:
    """What keeps a database from serving this release; None: nothing.

    A database that says nothing for too long counts as one that cannot be reached.

    The login cannot read which revision the database is at. It can see what the revisions made: the
    definitions of all objects, which the release knows.
    """
    try:
        with (
            connect(database_url) as connection,
            _limited(connection),
            connection.transaction(force_rollback=True),
        ):
            # one who may look into our schemas
            connection.execute("set local role authenticated")
            expected, actual = against_release(connection)
    except psycopg.Error as error:
        log.warning("The database cannot be reached: %s", type(error).__name__)
        return "The database cannot be reached"
    for item, facet, before, _ in compare(expected, actual):
        # what an operator added does no harm
        if facet == "definition" and before is not None:
            log.warning("The database is not at this release's revision: %s differs", item)
            return "The database is not at this release's revision"
    return None


@contextmanager
def _limited(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Hang up when it takes too long."""
    timer = Timer(_LOOK_SECONDS, shut_down, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        # else it might hang up on another connection, which has the number of this one
        timer.join()
