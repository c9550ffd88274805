"""What the tests of the client share."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flavours import Async, Sync
from harness import Connection
from proxy import Wire, proxy_to, proxy_to_http
from psycopg.conninfo import make_conninfo
from serving import http_server, http_settings, http_url, serve
from ways import Way

__all__ = ["http_server", "http_settings", "http_url", "serve"]

FLAVOURS = ("sync", "async")


@pytest.fixture
def login(database_url: str) -> str:
    """Where clients log in."""
    return make_conninfo(database_url, user="authenticator")


@pytest.fixture(params=FLAVOURS)
def flavour(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The client without and with async, behind one interface."""
    if request.param == "sync":
        yield Sync()
    else:
        with asyncio.Runner() as runner:
            yield Async(runner)


@pytest.fixture(params=["pool", "http"])
def way(request: pytest.FixtureRequest, flavour: Any, login: str) -> Way:
    """The transports that have a connection for every call, in both flavours."""
    is_http = request.param == "http"
    return Way(flavour, request.param, request.getfixturevalue("http_url") if is_http else login)


@pytest.fixture(params=["pool", "http"])
def proxied_way(
    request: pytest.FixtureRequest, flavour: Any, login: str, db: Connection
) -> Iterator[tuple[Wire, Way]]:
    """The transports that retry calls, through a proxy, and the messages that it sees."""
    with ExitStack() as stack:
        if request.param == "http":
            wire, where = stack.enter_context(proxy_to_http(request.getfixturevalue("http_url")))
        else:
            wire, parameters = stack.enter_context(proxy_to(db.info))
            where = make_conninfo(login, **parameters)
        yield wire, Way(flavour, request.param, where)


@pytest.fixture
def proxied(login: str, db: Connection) -> Iterator[tuple[Wire, str]]:
    """The messages over a proxy, and the parameters to log in through it."""
    with proxy_to(db.info) as (wire, parameters):
        yield wire, make_conninfo(login, **parameters)
