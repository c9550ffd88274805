"""A task may be cancelled at any moment: it ends as cancelled, and the connection goes on as it was."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from harness import Connect, People
from proxy import Flow, Gate, Wire
from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool
from wingmanmatch import AsyncWingmanClient, MatchNotFound
from wingmanmatch.call.one_trip import Statement
from wingmanmatch.call.transaction import as_the_connection_is

Proxied = tuple[Wire, str]
Act = Callable[[Any], Awaitable[Any]]


async def succeed(api: Any) -> None:
    await api.pause_matching()


async def be_refused(api: Any) -> None:
    """A second round trip undoes what the first one did."""
    with pytest.raises(MatchNotFound):
        await api.respond_to_match(uuid4(), "accept")


async def cancelled_at(flow: Flow, passing: int, wire: Wire, act: Act, api: Any) -> bool:
    """Cancel an act while the message after so many is under way; false where there are not so many."""
    gate = flow.gate = Gate(passing)
    cancels = wire.cancels
    task = asyncio.create_task(act(api))
    reached = asyncio.create_task(asyncio.to_thread(gate.reached.wait, 15))
    await asyncio.wait([task, reached], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        flow.gate = None
        gate.reached.set()
        await reached
        await task
        return False
    task.cancel()

    def taken() -> bool:
        with wire.changed:
            return wire.changed.wait_for(lambda: wire.cancels > cancels, 15)

    assert await asyncio.to_thread(taken)
    flow.gate = None
    gate.opened.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    return True


@pytest.mark.representatives("*begun-answers-be_refused", "*begun-requests-succeed")
@pytest.mark.parametrize("act", [succeed, be_refused])
@pytest.mark.parametrize("direction", ["requests", "answers"])
@pytest.mark.parametrize("autocommit", [True, False], ids=["begun", "not in autocommit"])
def test_in_the_callers_transaction_at_every_message(
    proxied: Proxied, people: People, act: Act, direction: str, autocommit: bool
) -> None:
    wire, login = proxied
    ana = people.add()

    async def cancel_at_every_message() -> int:
        flow = getattr(wire, direction)
        async with await psycopg.AsyncConnection.connect(
            login, autocommit=autocommit, prepare_threshold=None
        ) as connection:
            api = AsyncWingmanClient(connection=connection).as_user(ana)
            passing = 0
            while True:
                await connection.execute("begin" if autocommit else "select")
                await connection.execute("create temporary table mine on commit drop as select 1 as one")
                if not await cancelled_at(flow, passing, wire, act, api):
                    return passing
                assert connection.info.transaction_status == TransactionStatus.INTRANS, passing
                assert (await api.get_profile()).user_id == ana
                query = "select one, current_setting('role') from mine"
                assert await (await connection.execute(query)).fetchone() == (1, "none")
                await connection.rollback()
                passing += 1

    # each statement is several messages
    assert asyncio.run(cancel_at_every_message()) > 10


@pytest.mark.parametrize("act", [succeed, be_refused])
def test_a_pool_keeps_the_connection(proxied: Proxied, people: People, act: Act) -> None:
    wire, login = proxied
    ana = people.add()

    async def cancel_the_answer() -> None:
        async with AsyncWingmanClient.connect(login, max_size=1, prepare=False) as client:
            api = client.as_user(ana)
            await api.get_profile()
            assert await cancelled_at(wire.answers, 0, wire, act, api)
            assert (await api.get_profile()).user_id == ana

    asyncio.run(cancel_the_answer())
    assert len(wire.backends) == 1


@pytest.mark.parametrize("act", [succeed, be_refused])
def test_a_pool_gets_its_connection_back(proxied: Proxied, people: People, act: Act) -> None:
    """Also when the task is cancelled while it gives the connection back."""
    wire, login = proxied
    ana = people.add()

    async def cancel_the_return() -> None:
        pool = AsyncConnectionPool(login, kwargs={"autocommit": True}, min_size=1, max_size=1, open=False)
        async with pool:
            api = AsyncWingmanClient(pool=pool).as_user(ana)
            await api.get_profile()
            gate = wire.answers.gate = Gate(0)
            task = asyncio.create_task(act(api))
            assert await asyncio.to_thread(gate.reached.wait, 15)
            async with pool._lock:
                wire.answers.gate = None
                gate.opened.set()
                # the pool is asked to take the connection, and cannot
                while not pool._lock._waiters:
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert (await api.get_profile()).user_id == ana

    asyncio.run(asyncio.wait_for(cancel_the_return(), 15))
    assert len(wire.backends) == 1


def test_what_fails_without_its_savepoint_is_told_as_what_it_is(connect: Connect) -> None:
    connection = connect()
    connection.execute("begin")
    release = Statement(b"", b"release savepoint wingmanmatch"), ()
    fail = Statement(b"", b"select 1 / 0"), ()
    with pytest.raises(psycopg.errors.DivisionByZero):
        connection.wait(as_the_connection_is(connection, [release, fail]))
    assert connection.info.transaction_status == TransactionStatus.INERROR
