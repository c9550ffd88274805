"""What is due in the database: claimed by its worker, and settled."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import TupleRow, class_row, tuple_row
from psycopg.types.json import Jsonb

from wingmanmatch.database.connection import connect
from wingmanmatch.deliver.delivery import Delivery, Result
from wingmanmatch.http.pool import pool_for
from wingmanmatch.http.settings import UnsafeSettingsError

ROLE: Final = "wingman_worker"
Settled = tuple[Delivery, Result]
"""A message, and what became of the attempt."""

_ANSWER_SECONDS: Final = 30.0
"""How long the database may take for a transaction."""
_CONNECTION_SECONDS: Final = 2.0
"""How long to wait for a connection: the pool tries to connect all the time."""
_IS_MEMBER: LiteralString = """
select
    current_user,
    exists (
        select
        from pg_catalog.pg_roles as r
        where r.rolname = %s and pg_catalog.pg_has_role(current_user, r.oid, 'member')
    )
"""
_IDLE_SECONDS: Final = 5.0
"""How long a transaction may stand still: its locks keep others from claims that have lapsed."""
_ASSUME: LiteralString = """
select
    set_config('role', %(role)s, true),
    set_config('synchronous_commit', 'off', true),
    set_config('idle_in_transaction_session_timeout', %(idle)s, true),
    case
        when current_setting('server_version_num')::integer >= 170000
            then set_config('transaction_timeout', %(answer)s, true)
    end
"""
"""For a transaction, so that it works behind any pooler.

It need not wait for the disk: after a crash, what was not written yet is claimed and sent again, with the
same id, as after the death of a worker.
"""
_CLAIM: LiteralString = "select d.* from wingman.claim_deliveries(%s, %s) as d"
_SETTLE: LiteralString = "select s.id from wingman.settle_deliveries(%s) as s"


def check_login(database_url: str) -> None:
    """Refuse a login that cannot become ``wingman_worker``, and a database without deliveries.

    Raises:
        UnsafeSettingsError: it is such a login.
        psycopg.Error: the database cannot be reached, or has no deliveries.
    """
    with connect(database_url) as connection:
        row = connection.cursor(row_factory=tuple_row).execute(_IS_MEMBER, [ROLE]).fetchone()
        assert row
        login, is_member = row
        if not is_member:
            raise UnsafeSettingsError(f"{login} is not a member of {ROLE}: grant {ROLE} to {login}")
        with connection.transaction():
            connection.execute(_ASSUME, _assumed())
            connection.execute("select 'wingman.claim_deliveries(text, integer)'::regprocedure")


def _assumed() -> dict[str, str]:
    # in the middle of a pipeline a transaction does not count as idle, but the second limit holds
    idle, answer = (f"{seconds * 1000:.0f}ms" for seconds in (_IDLE_SECONDS, _ANSWER_SECONDS))
    return {"role": ROLE, "idle": idle, "answer": answer}


class Queue:
    """The connections to the database, and what is asked over them.

    Args:
        database_url: with a login that may become ``wingman_worker``.
        connections: the most at once.
    """

    def __init__(self, database_url: str, connections: int) -> None:
        # a pooler in transaction mode may not support prepared statements
        self._pool = pool_for("wingman deliver", database_url, least=1, most=connections, prepare=False)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """The pool is open for as long as the context lasts."""
        await self._pool.open()
        try:
            yield
        finally:
            await self._pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection[Any]]:
        """A transaction of ``wingman_worker``.

        Raises:
            psycopg.Error, TimeoutError: the database cannot be reached, or does not answer in time.
        """
        async with (
            asyncio.timeout(_ANSWER_SECONDS),
            self._pool.connection(_CONNECTION_SECONDS) as connection,
            connection.transaction(),
        ):
            await connection.execute(_ASSUME, _assumed())
            yield connection

    async def exchange(
        self, channel: str, results: Sequence[Settled], most: int
    ) -> tuple[set[UUID], list[Delivery]]:
        """Settle these results, and claim so many messages at most, in one transaction and one round trip.

        Returns the ids of those whose claim had not lapsed, and what was claimed.

        Raises:
            psycopg.Error, TimeoutError: the database cannot be reached, does not answer or refuses.
        """
        async with (
            asyncio.timeout(_ANSWER_SECONDS),
            self._pool.connection(_CONNECTION_SECONDS) as connection,
            connection.pipeline(),
            connection.transaction(),
        ):
            await connection.execute(_ASSUME, _assumed())
            settled = await settle(connection, results) if results else None
            claimed = await claim(connection, channel, most) if most else None
            ids = {row[0] for row in await settled.fetchall()} if settled else set()
            return ids, await claimed.fetchall() if claimed else []


async def claim(connection: AsyncConnection[Any], channel: str, most: int) -> AsyncCursor[Delivery]:
    """Claim what is due, so many at most."""
    return await connection.cursor(row_factory=class_row(Delivery)).execute(_CLAIM, [channel, most])


async def settle(connection: AsyncConnection[Any], results: Iterable[Settled]) -> AsyncCursor[TupleRow]:
    """Write down what became of attempts; gives the ids of those whose claim had not lapsed."""
    settlements = [
        {
            "id": str(delivery.id),
            "token": str(delivery.token),
            "outcome": result.outcome,
            "error": result.error,
            "retry_after_seconds": result.retry_after_seconds,
        }
        for delivery, result in results
    ]
    return await connection.cursor(row_factory=tuple_row).execute(_SETTLE, [Jsonb(settlements)])
