"""Network round trips of the Python client's calls, counted in what libpq sends and receives."""

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

from wingmanmatch import WingmanClient
from wingmanmatch.tools.bench.worlds import World, person_id

CALLERS = 8
"""Each makes every call, so that the driver starts to prepare their statements."""

_SENDER = re.compile(r"^\S+ \S+\t([FB])\t", re.MULTILINE)
"""How libpq's trace of a message begins: the time, then F for the frontend or B for the backend."""


def count_round_trips(world: World) -> list[int]:
    """The round trips of each of many calls.

    Raises:
        WingmanError: a call was refused.
    """
    with _client(world.url) as (client, connection):
        counted = [
            round_trips(connection, call) for number in range(CALLERS) for call in _calls(client, number)
        ]
    world.run("reset")
    return counted


def round_trips(connection: psycopg.Connection[Any], call: Callable[[], object]) -> int:
    """How often, during a call, the client has asked and then read an answer."""
    with tempfile.NamedTemporaryFile() as trace:
        connection.pgconn.trace(trace.fileno())
        try:
            call()
        finally:
            connection.pgconn.untrace()
        senders = _SENDER.findall(Path(trace.name).read_text())
    return sum(pair == ("F", "B") for pair in pairwise(senders))


def _calls(client: WingmanClient, number: int) -> list[Callable[[], object]]:
    caller = client.as_user(person_id(number))
    return [
        caller.get_profile,
        caller.create_automatic_match,
        caller.list_matches,
        caller.list_sessions,
        caller.get_reputation,
    ]


@contextmanager
def _client(url: str) -> Iterator[tuple[WingmanClient, psycopg.Connection[Any]]]:
    """A client on a pool, as ``WingmanClient.connect`` makes one, and its only connection."""
    connections: list[psycopg.Connection[Any]] = []
    pool = ConnectionPool(
        url, min_size=1, max_size=1, kwargs={"autocommit": True}, configure=connections.append, open=False
    )
    with pool:
        pool.wait()
        yield WingmanClient(pool=pool), connections[0]
