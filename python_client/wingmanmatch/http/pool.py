"""The connections of a server or a worker to its database."""

from typing import Any

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from wingmanmatch.call.limits import CONNECTION
from wingmanmatch.call.reconnecting import RECONNECT_TIMEOUT, async_reconnect
from wingmanmatch.database.connection import parts_of

Pool = AsyncConnectionPool[AsyncConnection[Any]]


def pool_for(
    command: str, database_url: str, *, least: int, most: int, prepare: bool, timeout: float = 30.0
) -> Pool:
    """A pool that is not open yet.

    Args:
        command: whose connections they are, as the database shows them.
        database_url: where they lead; its parameters come before those of here.
        least: how many stay open.
        most: how many there can be.
        prepare: whether statements are prepared; a pooler in transaction mode may not support that.
        timeout: how many seconds to wait for a connection, where the one who asks for it does not say.
    """
    defaults = {**CONNECTION, "fallback_application_name": command}
    given = parts_of(database_url)
    return AsyncConnectionPool(
        database_url,
        kwargs={
            "autocommit": True,
            "client_encoding": "utf8",
            **({} if prepare else {"prepare_threshold": None}),
            **{name: value for name, value in defaults.items() if name not in given},
        },
        min_size=least,
        max_size=most,
        timeout=timeout,
        open=False,
        reconnect_timeout=RECONNECT_TIMEOUT,
        reconnect_failed=async_reconnect,
        name=command.replace(" ", "-"),
    )
