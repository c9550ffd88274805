"""A demo: an embedded database full of people, and at ``/`` a page on which you play two of them."""

import random
import re
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import jwt
import psycopg
from rich.console import Console
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wingmanmatch import WingmanError
from wingmanmatch.call.failure import json_object
from wingmanmatch.database import paths
from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.demo.cast import cast_of_three
from wingmanmatch.demo.operator import Operator
from wingmanmatch.demo.people import Person
from wingmanmatch.demo.seed import seed_people, sign_up
from wingmanmatch.http.failures import Failure, failure_of
from wingmanmatch.http.settings import Settings, UnsafeSettingsError

USERS: Final = 5_000
PAGE: Final = Path(__file__).with_name("page")
TOKEN_SECONDS: Final = 12 * 3600
RULES: Final = ("acceptance", "no_show_grace", "cooldown_steps")
"""The settings that the page shows and changes."""
OPERATED: Final = frozenset({"change_settings", "decide_no_show", "suspend_user", "lift_suspension"})
"""The operators' functions that the page calls."""
_READ_EVERY_SECONDS: Final = 0.25
_LOCAL_HOST: Final = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?")


@contextmanager
def demo_database(directory: Path) -> Iterator[tuple[str, str]]:
    """A newly made database with people; its URLs for the superuser and for the authenticator."""
    with embedded_server(directory, fresh=True) as server:
        upgrade(server.url())
        with psycopg.connect(server.url(), autocommit=True) as connection:
            seed_people(connection, Console(stderr=True), USERS, random.randrange(2**31))
        with _readers_running(server.url()):
            yield server.url(), server.url(user="authenticator")


@contextmanager
def _readers_running(url: str) -> Iterator[None]:
    """Run the readers, which fill the inboxes, as ``wingman maintain --readers`` does elsewhere."""
    is_over = threading.Event()

    def read() -> None:
        with connect(url) as connection:
            while not is_over.wait(_READ_EVERY_SECONDS):
                connection.execute("select wingman.run_readers()")

    reader = threading.Thread(target=read, name="readers", daemon=True)
    reader.start()
    try:
        yield
    finally:
        is_over.set()
        reader.join()


def add_demo(app: Starlette, settings: Settings, admin_url: str) -> None:
    """Add the page to the application, and what it needs: new people, tokens for all of them, an operator.

    Everybody in the database is made up, and anybody at this machine can play them.

    Args:
        app: where to add it, after its other routes.
        settings: the application's, with a secret to sign tokens with.
        admin_url: the database's URL, for a login that can write ``auth.users``.

    Raises:
        UnsafeSettingsError: there is no secret, or this is not a demo.
    """
    if not (settings.demo and settings.jwt_secret):
        raise UnsafeSettingsError("The page plays people of a demo, with tokens signed by a JWT secret")
    tokens = _DemoTokens(settings, settings.jwt_secret)

    def people(_: Request, __: bytes) -> Response:
        cast = cast_of_three(random.SystemRandom())
        with connect(admin_url) as connection:
            sign_up(connection, cast)
        newcomers = [
            {"id": str(person.id), "token": tokens.of(person.id), "profile": profile_of(person)}
            for person in cast
        ]
        return JSONResponse({"key": tokens.key(), "people": newcomers}, 201)

    def token(request: Request, _: bytes) -> Response:
        return JSONResponse({"key": tokens.key(), "token": tokens.of(request.path_params["user_id"])})

    def operators_view(_: Request, __: bytes) -> Response:
        with _reported(), Operator.connected(admin_url) as operator:
            return JSONResponse({"settings": operator.settings(RULES), "queue": operator.no_show_queue()})

    def operate(request: Request, body: bytes) -> Response:
        function = request.path_params["function"]
        if function not in OPERATED:
            raise HTTPException(404)
        arguments = json_object(body.decode("utf-8", "replace"))
        with _reported(), Operator.connected(admin_url) as operator:
            return JSONResponse(operator.call(function, arguments).model_dump())

    app.router.routes.extend(
        [
            Route("/demo/people", _local(people), methods=["POST"]),
            Route("/demo/people/{user_id:uuid}/token", _local(token), methods=["POST"]),
            Route("/demo/operator", _local(operators_view), methods=["POST"]),
            Route("/demo/operator/{function}", _local(operate), methods=["POST"]),
            Mount("/shared", StaticFiles(directory=paths.SHARED_PAGE)),
            Mount("/", StaticFiles(directory=PAGE, html=True)),
        ]
    )


class _DemoTokens:
    """Signs tokens as Supabase does."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self._settings = settings
        self._secret = secret

    def key(self) -> str:
        """The key that every frontend sends, signed in or not."""
        return self._signed({"role": "anon"})

    def of(self, user_id: UUID) -> str:
        """A person's access token."""
        return self._signed(
            {"sub": str(user_id), "aud": self._settings.jwt_audience, "role": "authenticated"}
        )

    def _signed(self, claims: dict[str, Any]) -> str:
        now = int(time.time())
        issuer = {"iss": self._settings.jwt_issuer} if self._settings.jwt_issuer else {}
        return jwt.encode({**claims, **issuer, "iat": now, "exp": now + TOKEN_SECONDS}, self._secret, "HS256")


def profile_of(person: Person) -> dict[str, Any]:
    """A newcomer's arguments for ``complete_profile``."""
    return {
        "first_name": person.first_name,
        "experience_level": person.experience_level,
        "confidence_archetype": person.confidence_archetype,
        "lat": person.lat,
        "lng": person.lng,
        "city": person.city.name,
        "max_travel_miles": person.max_travel_miles,
        "privacy_mode": person.privacy_mode,
    }


def _local(endpoint: Callable[[Request, bytes], Response]) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint, for this machine only: neither for other machines nor for pages from other origins."""

    async def local(request: Request) -> Response:
        if not _is_local(request):
            failure = Failure(
                403, "42501", "The demo's people can be played on its own machine only", "permission_denied"
            )
            return failure.for_api()
        try:
            return await run_in_threadpool(endpoint, request, await request.body())
        except Failure as failure:
            return failure.for_rest()

    return local


@contextmanager
def _reported() -> Iterator[None]:
    """Turns errors of the database into failures, as they are reported under /rest/v1."""
    try:
        yield
    except (WingmanError, psycopg.Error) as error:
        cause = error if isinstance(error, psycopg.Error) else error.__cause__
        if not isinstance(cause, psycopg.Error):
            raise
        raise failure_of(cause, "wingman_admin") from error


def _is_local(request: Request) -> bool:
    host, origin = request.headers.get("host", "").lower(), request.headers.get("origin")
    try:
        comes_from_here = request.client is not None and ip_address(request.client.host).is_loopback
    except ValueError:
        # a header from a proxy, which could claim anything
        return False
    is_own_page = origin is None or origin == f"http://{host}"
    return comes_from_here and bool(_LOCAL_HOST.fullmatch(host)) and is_own_page
