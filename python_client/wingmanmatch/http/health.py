"""Whether the server is alive, whether it can serve, and its metrics."""

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
from wingmanmatch.http.database import Database, shut_down
from wingmanmatch.http.record import Metrics, record_of
from wingmanmatch.http.settings import Settings

_LOOK_SECONDS: Final = 10.0
"""How long a check of the revision of the database may take."""
_SCHEMAS: Final = ("schema public", "schema wingman")
"""Without which no call works."""
_UNREACHABLE: Final = "The database cannot be reached"

log = logging.getLogger(__name__)


def routes(settings: Settings, metrics: Metrics, database: Database) -> list[Route]:
    """The routes for monitoring."""
    readiness = Readiness(settings, database)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        obstacle = await readiness.obstacle()
        if obstacle:
            record_of(request.scope).outcome = "not_ready"
            return JSONResponse({"status": "not ready", "reason": obstacle}, 503, {"Retry-After": "1"})
        return JSONResponse({"status": "ready", **({"read_only": True} if database.is_read_only else {})})

    async def numbers(_: Request) -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", numbers)]


class Readiness:
    """Whether calls would find what they need.

    Whether the database is there is looked up each time, and whether it is the right one now and then.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._right_at: float | None = None
        self._looking = asyncio.Lock()

    async def obstacle(self) -> str | None:
        """What prevents it; None if nothing does."""
        async with self._looking:
            is_there = await self._database.is_there()
            if is_there is False:
                return _UNREACHABLE
            max_age = self._settings.readiness_max_age_seconds
            if is_there and self._right_at is not None and monotonic() - self._right_at < max_age:
                return None
            obstacle = await asyncio.to_thread(obstacle_in, self._settings.database_url)
            self._right_at = None if obstacle else monotonic()
            return obstacle


def obstacle_in(database_url: str) -> str | None:
    """What keeps a database from serving this release; None if nothing does.

    A database that does not answer for too long counts as unreachable.

    The login cannot read which revision the database is at. But it can see what the revisions made, the
    definitions of all objects, and the release knows these.
    """
    try:
        with (
            connect(database_url) as connection,
            _limited(connection),
            connection.transaction(force_rollback=True),
        ):
            # a role that can read our schemas
            connection.execute("set local role authenticated")
            # we have a limit of our own
            connection.execute("set local statement_timeout = 0")
            expected, actual = against_release(connection)
    except psycopg.Error as error:
        log.warning("The database cannot be reached: %s", type(error).__name__)
        return _UNREACHABLE
    differences = compare(expected, actual)
    for item, facet, before, _ in differences:
        # additions by an operator do no harm
        if facet == "definition" and before is not None:
            log.warning("The database is not at this release's revision: %s differs", item)
            return "The database is not at this release's revision"
    for item, facet, before, after in differences:
        # as a restore leaves them that was told to; an operator may take single privileges away
        if facet == "owner" or (facet == "privileges" and item in _SCHEMAS and _lacks(before, after)):
            log.warning("The database lacks its owner or privileges: %s of %s", facet, item)
            return "The database has not the owner and privileges of this release: see wingman doctor"
    return None


def _lacks(expected: str | None, actual: str | None) -> bool:
    """Whether a list of privileges lacks some."""
    return not set((expected or "").split(", ")) <= set((actual or "").split(", "))


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
        # otherwise it might close another connection that has reused this one's file descriptor
        timer.join()
