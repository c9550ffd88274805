"""What the page asks for."""

import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from wingmanmatch._postgres import translated_errors
from wingmanmatch.admin import looks
from wingmanmatch.admin.connections import Connections, grant_for
from wingmanmatch.admin.gate import API, OPEN, SECRET
from wingmanmatch.admin.kept import Kept
from wingmanmatch.admin.problems import Problem, invalid, problem_of
from wingmanmatch.admin.refusals import refusals_at
from wingmanmatch.admin.secrets import Secrets
from wingmanmatch.admin.settings import Settings
from wingmanmatch.database import paths
from wingmanmatch.errors import ConnectionLost, WingmanError

PAGE: Final = Path(__file__).with_name("page")
MOST_BYTES: Final = 65_536
"""The longest body of a request."""

Findings = Callable[[str], dict[str, Any]]
"""What is to be found out about the database with this URL, as the page shows it."""


class App:
    """The answers.

    Args:
        settings: the process's.
        login: who started it.
        connections: to the database.
        secrets: who may ask.
        find: examines the database.
        opened: is called once the page is open.
    """

    def __init__(
        self,
        settings: Settings,
        login: str,
        connections: Connections,
        secrets: Secrets,
        find: Findings,
        opened: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._grant = grant_for(login)
        self._connections = connections
        self._secrets = secrets
        self._opened = opened
        self._waiting = Kept(self._reads(looks.waiting))
        self._places = Kept(self._reads(looks.places))
        self._findings = Kept(self._found)
        self._find = find

    def application(self) -> Starlette:
        """The application, without the gate in front of it."""
        plain: dict[str, Callable[[], Any]] = {
            "/session": self._session,
            "/waiting": self._waiting,
            "/findings": self._findings,
            "/refusals": lambda: refusals_at(self._settings.serve_url),
            "/places": self._places,
            "/queues": self._reads(looks.queues),
            "/settings": self._reads(looks.settings),
        }
        asked: dict[str, Callable[[Request], Any]] = {
            "/overview": self._overview,
            "/people": self._people,
            "/people/{user_id}": self._person,
            "/people/{user_id}/timeline": self._timeline,
            "/decisions": self._decisions,
        }
        looked = {**{path: _unasked(look) for path, look in plain.items()}, **asked}
        app = Starlette(
            routes=[
                Mount(
                    API,
                    routes=[
                        Route(OPEN.removeprefix(API), self._open, methods=["POST"]),
                        Route("/call/{function}", self._call, methods=["POST"]),
                        *(
                            Route(path, self._answering(look), methods=["GET"])
                            for path, look in looked.items()
                        ),
                    ],
                ),
                Mount("/shared", StaticFiles(directory=paths.SHARED_PAGE)),
                Mount("/", StaticFiles(directory=PAGE, html=True)),
            ],
            exception_handlers={HTTPException: _tell, Problem: _tell_problem, Exception: _tell_failure},
        )
        app.router.redirect_slashes = False
        return app

    def _answering(self, look: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return JSONResponse(await run_in_threadpool(self._made, look, request))

        return answer

    def _made(self, look: Callable[[Request], Any], request: Request) -> Any:
        try:
            return look(request)
        except WingmanError as error:
            raise problem_of(error, self._grant) from error

    def _reads(self, look: Callable[..., Any], *arguments: Any) -> Callable[[], Any]:
        def once() -> Any:
            with self._connections.reading() as connection:
                return look(connection, *arguments)

        def read() -> Any:
            try:
                return once()
            except ConnectionLost as lost:
                if not lost.may_have_taken_effect:
                    raise  # it was never connected
                # one that the server was closing
                return once()

        return read

    def _found(self) -> Any:
        with translated_errors():
            return {**self._find(self._settings.database_url), "as_of": looks.now()}

    async def _open(self, request: Request) -> Response:
        secret = self._secrets.opened_by(request.headers.get(SECRET))
        self._opened()
        return JSONResponse({"secret": secret})

    def _session(self) -> Any:
        return {
            **self._reads(looks.session)(),
            "writes": self._settings.writes,
            "idle_minutes": self._settings.idle_seconds / 60,
            "serve": bool(self._settings.serve_url),
        }

    def _overview(self, request: Request) -> Any:
        days = _query(request, "days").get("days", "30")
        if days not in map(str, looks.DAYS):
            raise invalid(f"days must be one of {', '.join(map(str, looks.DAYS))}")
        return self._reads(looks.overview, int(days))()

    def _people(self, request: Request) -> Any:
        return self._reads(looks.people, _query(request, "search").get("search"))()

    def _person(self, request: Request) -> Any:
        _query(request)
        return self._reads(looks.person, _id(request))()

    def _timeline(self, request: Request) -> Any:
        return self._reads(looks.timeline, _id(request), _query(request, "before").get("before"))()

    def _decisions(self, request: Request) -> Any:
        limit = _query(request, "limit").get("limit", str(looks.MOST_ROWS))
        if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:6]) <= looks.MOST_ROWS):
            raise invalid(f"limit must be 1 to {looks.MOST_ROWS}")
        return self._reads(looks.decisions, int(limit))()

    async def _call(self, request: Request) -> Response:
        function = request.path_params["function"]
        if function not in looks.OFFERED:
            raise Problem(404, "not_found", "The page offers no such function")
        if not self._settings.writes:
            raise Problem(
                403,
                "read_only",
                "This page only reads",
                "To change something, start it with wingman admin --write.",
            )
        arguments = _arguments(await _body(request))
        return JSONResponse(await run_in_threadpool(self._called, function, arguments))

    def _called(self, function: str, arguments: dict[str, Any]) -> Any:
        try:
            with self._connections.calling() as connection:
                is_set, rows = looks.call(connection, function, arguments)
        except WingmanError as error:
            raise problem_of(error, self._grant, may_have_written=True) from error
        return rows if is_set else rows[0]


def _unasked(look: Callable[[], Any]) -> Callable[[Request], Any]:
    """A look that takes no parameters."""

    def answer(request: Request) -> Any:
        _query(request)
        return look()

    return answer


def _query(request: Request, *names: str) -> dict[str, str]:
    """The parameters of a query: these and no others, each once."""
    given = request.query_params.multi_items()
    for name, value in given:
        if name not in names or [other for other, _ in given].count(name) > 1:
            raise invalid(f"The query takes {', '.join(names) or 'nothing'}, once, and not {name!r}")
        _refuse_nul(value)
    return dict(given)


def _id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["user_id"])
    except ValueError:
        raise invalid("user_id must be a UUID") from None


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise Problem(413, "too_large", f"A body has {MOST_BYTES} bytes at most")
    except ClientDisconnect:
        raise invalid("The body is incomplete") from None
    return bytes(body)


def _arguments(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise invalid("The body must be a JSON object with the arguments")
    _refuse_nul(json.dumps(given, ensure_ascii=False))
    return given


def _refuse_nul(text: str) -> None:
    """The driver would, with an error that tells nobody anything."""
    if "\x00" in text or "\\u0000" in text:
        raise invalid("A text has a NUL character")


async def _tell(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            return Problem(404, "not_found", "There is no such path").response()
        case 405:
            return Problem(405, "method_not_allowed", "This method is not allowed here").response()
        case status:
            return Problem(status, "refused", "Refused").response()


async def _tell_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return error.response()


async def _tell_failure(_: Request, error: Exception) -> Response:
    # where it happened and not what it says, which may be about people
    lines = traceback.format_tb(error.__traceback__)
    print(*lines, type(error).__name__, sep="", file=sys.stderr, flush=True)
    return Problem(500, "internal_error", "The process failed at this").response()
