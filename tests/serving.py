"""A real HTTP server over the file's database, and the tokens to call it with.

A folder's conftest.py imports the fixtures that it wants: ``http_url`` is where the server listens, ``http``
a client of it, ``token(user_id)`` makes access tokens, ``serve(…)`` starts a server with other settings.
"""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jwt
import pytest
from emptied_database import EmptiedDatabase
from harness import login_url, server_url
from interrupting import hears_ctrl_c
from starlette.applications import Starlette
from wingmanmatch.http.app import create_app
from wingmanmatch.http.server import server
from wingmanmatch.http.settings import Settings

WINGMAN = str(Path(sys.executable).with_name("wingman"))
SECRET = "a secret for tests, long enough for HS256"
LINK_KEY = "a link key for tests, long enough for HS256"
Token = Callable[..., str]
Serve = Callable[..., str]

_DEADLINE_SECONDS = 15.0


def signed(claims: dict[str, Any], key: Any = SECRET, algorithm: str = "HS256", **headers: Any) -> str:
    """A token with exactly these claims, and these entries more in its header."""
    return jwt.encode(claims, key, algorithm, headers=headers)


def claims_of(user_id: UUID | str | None = None, **claims: Any) -> dict[str, Any]:
    """What Supabase writes into a person's token, valid for an hour; without a person, into a key."""
    now = int(time.time())
    times = {"iat": now, "exp": now + 3600}
    if user_id is None:
        return {"iss": "supabase", "role": "anon", **times, **claims}
    return {"sub": str(user_id), "aud": "authenticated", "role": "authenticated", **times, **claims}


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def running(settings: Settings, app: Starlette | None = None) -> Iterator[str]:
    """A server of the application on a free port, in a separate thread; gives its URL."""
    instance = server(app or create_app(settings), settings, "127.0.0.1", 0)
    thread = threading.Thread(target=instance.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not instance.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.005)
    try:
        port = instance.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        instance.should_exit = True
        thread.join(_DEADLINE_SECONDS)
        assert not thread.is_alive(), "the server does not end"


@contextmanager
def wingman_serve(*arguments: str, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a person runs it; gives the process and its URL."""
    process = subprocess.Popen(
        [WINGMAN, "serve", "--port", "0", *arguments],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_ctrl_c,
    )
    assert process.stderr
    try:
        url = None
        for line in process.stderr:
            if found := re.search(r"running on (http://127.0.0.1:\d+)", line):
                url = found[1]
                break
        assert url, process.wait()
        yield process, url
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stderr.close()


@pytest.fixture(scope="module")
def http_settings(file_database: EmptiedDatabase) -> Settings:
    """The settings of ``http_url``'s server."""
    info = file_database.connection.info
    url = server_url(f"postgresql://{info.user}@/?host={info.host}&port={info.port}", info.dbname)
    return Settings(login_url(url, "authenticator"), jwt_secret=SECRET, link_key=LINK_KEY, pool_size=4)


@pytest.fixture(scope="module")
def http_server(http_settings: Settings) -> Iterator[str]:
    """The URL of a server that serves all tests of a file."""
    with running(http_settings) as url:
        yield url


@pytest.fixture
def http_url(http_server: str, database_url: str) -> str:
    """The URL of a server over this test's database, in which nothing has happened yet."""
    return http_server


@pytest.fixture
def serve(http_settings: Settings, database_url: str) -> Iterator[Serve]:
    """Starts servers with other settings, which end with the test: ``serve(pool_size=1)`` gives a URL."""
    with ExitStack() as stack:
        yield lambda **others: stack.enter_context(running(replace(http_settings, **others)))


@pytest.fixture
def http(http_url: str) -> Iterator[httpx.Client]:
    """A client of the server, without a token."""
    with httpx.Client(base_url=http_url) as client:
        yield client


@pytest.fixture(scope="session")
def token() -> Token:
    """Makes access tokens: ``token(user_id, exp=0)``; of the service: ``token(role="service_role")``."""
    return lambda user_id=None, **claims: signed(claims_of(user_id, **claims))
