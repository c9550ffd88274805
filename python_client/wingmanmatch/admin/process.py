"""The process: ``wingman admin``."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from socket import socket
from time import monotonic
from typing import Final

import uvicorn

from wingmanmatch.admin.address import address_file, forget
from wingmanmatch.admin.app import App, Findings
from wingmanmatch.admin.connections import Connections, check_login
from wingmanmatch.admin.gate import Gate
from wingmanmatch.admin.secrets import Secrets
from wingmanmatch.admin.settings import Settings
from wingmanmatch.http.listening import url_of

_KEEP_ALIVE_SECONDS: Final = 15
_GRACE_SECONDS: Final = 2
"""How long a request may go on when the process ends."""
_LOOK_SECONDS: Final = 0.25


def serve(settings: Settings, listener: socket, find: Findings, tell: Callable[[Path], None]) -> None:
    """Serve the page until SIGTERM or SIGINT, or until nobody asks for anything any more.

    Args:
        settings: the process's.
        listener: the socket that listens, on this machine only.
        find: examines the database.
        tell: says where the file is that leads a browser to the page.

    Raises:
        PermissionDenied: the login is not an operator's.
        psycopg.OperationalError: the database cannot be reached.
    """
    # uvicorn raises the signal that has ended it again
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    with prepared(settings, listener, find, tell) as server:
        server.run([listener])


@contextmanager
def prepared(
    settings: Settings, listener: socket, find: Findings, tell: Callable[[Path], None]
) -> Iterator[uvicorn.Server]:
    """The server, which is to be run on the socket; afterwards nothing of it is left."""
    login = check_login(settings)
    url = url_of(listener)
    secrets = Secrets()
    with address_file(url, secrets.once) as path, closing(Connections(settings)) as connections:
        app = App(settings, login, connections, secrets, find, lambda: forget(path)).application()
        gate = Gate(app, host=url.removeprefix("http://"), secrets=secrets)
        server = _server(gate)

        @asynccontextmanager
        async def lifespan(_: object) -> AsyncIterator[None]:
            task = asyncio.create_task(_end_when_idle(server, gate, settings.idle_seconds))
            tell(path)
            yield
            task.cancel()
            # threads that still wait for the database end
            connections.close()

        app.router.lifespan_context = lifespan
        yield server


def _server(gate: Gate) -> uvicorn.Server:
    config = uvicorn.Config(
        gate,
        # its heads are of bounded length
        http="h11",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return uvicorn.Server(config)


async def _end_when_idle(server: uvicorn.Server, gate: Gate, seconds: float) -> None:
    while monotonic() < gate.asked_at + seconds:
        await asyncio.sleep(min(_LOOK_SECONDS, seconds))
    server.should_exit = True
