"""How long a call waits for a server that says nothing more."""

import os
from collections.abc import Mapping
from time import monotonic
from typing import Final, TypeVar

from psycopg import OperationalError
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict

Result = TypeVar("Result")

CONNECTION: Final[Mapping[str, int]] = {
    "connect_timeout": 10,
    # a connection is broken after a minute without a sign of life, or half a one without an acknowledgement
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""Parameters of a connection, which apply where the caller gives no other."""


def limits_for(conninfo: str) -> dict[str, int]:
    """Those of these parameters that neither a connection string nor the environment gives."""
    given = conninfo_to_dict(conninfo)
    if "PGCONNECT_TIMEOUT" in os.environ:
        given["connect_timeout"] = os.environ["PGCONNECT_TIMEOUT"]
    return {name: value for name, value in CONNECTION.items() if given.get(name) is None}


def within(seconds: float | None, statements: PQGen[Result]) -> PQGen[Result]:
    """Go on with statements for so long; then the connection is closed.

    It is a generator like the driver's, which wakes it ten times a second while it waits.

    Raises:
        psycopg.OperationalError: they have taken too long, and may have been executed or not.
    """
    if seconds is None:
        return (yield from statements)
    deadline = monotonic() + seconds
    try:
        wanted = next(statements)
        while True:
            ready = yield wanted
            if not ready and monotonic() >= deadline:
                late = OperationalError(f"The server has not answered within {seconds:g} seconds")
                wanted = statements.throw(late)
            else:
                wanted = statements.send(ready)
    except StopIteration as end:
        result: Result = end.value
        return result
