"""One host must not take all the room."""

import asyncio

import pytest
from wingmanmatch.deliver.bulkhead import Bulkhead, HostBusyError


async def enter(bulkhead, host, until):
    async with bulkhead.place(host):
        await until.wait()


def test_a_host_that_answers_gets_everything():
    async def run():
        bulkhead, now = Bulkhead(2), asyncio.Event()
        now.set()
        await asyncio.gather(*(enter(bulkhead, "a", now) for _ in range(100)))

    asyncio.run(run())


def test_a_host_that_hangs_delays_no_other(monkeypatch):
    async def run():
        bulkhead, never, now = Bulkhead(2), asyncio.Event(), asyncio.Event()
        now.set()
        hanging = [asyncio.create_task(enter(bulkhead, "a", never)) for _ in range(2)]
        # they begin
        await asyncio.sleep(0)
        monkeypatch.setattr("wingmanmatch.deliver.bulkhead._PATIENCE_SECONDS", 0.01)
        with pytest.raises(HostBusyError):
            await enter(bulkhead, "a", now)
        # the next one does not even wait
        monkeypatch.setattr("wingmanmatch.deliver.bulkhead._PATIENCE_SECONDS", 3600)
        with pytest.raises(HostBusyError):
            await enter(bulkhead, "a", now)
        await enter(bulkhead, "b", now)
        await enter(bulkhead, None, now)
        never.set()
        await asyncio.gather(*hanging)
        # it answers again
        await enter(bulkhead, "a", now)

    asyncio.run(run())


def test_it_forgets_hosts():
    async def run():
        bulkhead, now = Bulkhead(2), asyncio.Event()
        now.set()
        for number in range(100):
            await enter(bulkhead, f"host{number}", now)
        assert not bulkhead._hosts

    asyncio.run(run())
