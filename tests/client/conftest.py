"""What the tests of the client share."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from flavours import Async, Sync
from harness import Connection
from proxy import Wire, proxy_to
from psycopg.conninfo import make_conninfo


@pytest.fixture
def login(database_url: str) -> str:
    """Where clients log in."""
    return make_conninfo(database_url, user="authenticator")


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The client without and with async, behind one face."""
    if request.param == "sync":
        yield Sync()
    else:
        with asyncio.Runner() as runner:
            yield Async(runner)


@pytest.fixture
def proxied(login: str, db: Connection) -> Iterator[tuple[Wire, str]]:
    """What goes over a proxy, and where clients log in through it."""
    with proxy_to(db.info) as (wire, parameters):
        yield wire, make_conninfo(login, **parameters)
