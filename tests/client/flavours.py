"""The client in both flavours behind one interface, so that one test covers both."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import psycopg
import psycopg_pool
import wingmanmatch


class Sync:
    """The client without async."""

    client = staticmethod(wingmanmatch.WingmanClient)
    connect = staticmethod(wingmanmatch.WingmanClient.connect)
    connection = staticmethod(psycopg.Connection.connect)
    pool = staticmethod(psycopg_pool.ConnectionPool)
    over_http = staticmethod(wingmanmatch.WingmanClient.over_http)


class Async:
    """The client for asyncio: every object that it makes runs its calls in one event loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self.client = _blocking(wingmanmatch.AsyncWingmanClient, runner)
        self.connect = _blocking(wingmanmatch.AsyncWingmanClient.connect, runner)
        self.connection = _blocking(psycopg.AsyncConnection.connect, runner)
        self.pool = _blocking(psycopg_pool.AsyncConnectionPool, runner)
        self.over_http = _blocking(wingmanmatch.AsyncWingmanClient.over_http, runner)


class Blocking:
    """An object whose coroutines are awaited."""

    def __init__(self, target: Any, runner: asyncio.Runner) -> None:
        self.target = target
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.target, name)
        return _blocking(attribute, self._runner) if callable(attribute) else attribute

    def __enter__(self) -> Any:
        return _blocking(self.target.__aenter__, self._runner)()

    def __exit__(self, *error: Any) -> Any:
        return _blocking(self.target.__aexit__, self._runner)(*error)


def _blocking(function: Any, runner: asyncio.Runner) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        bare = {name: getattr(value, "target", value) for name, value in kwargs.items()}

        async def within_the_loop() -> Any:
            result = function(*args, **bare)
            return await result if inspect.iscoroutine(result) else result

        result = runner.run(within_the_loop())
        if isinstance(result, AsyncGenerator):
            return _iterated(result, runner)
        wrapped = isinstance(result, wingmanmatch.AsyncCaller | psycopg.AsyncCursor) or hasattr(
            result, "__aenter__"
        )
        return Blocking(result, runner) if wrapped else result

    return call


def _iterated(source: AsyncGenerator[Any, None], runner: asyncio.Runner) -> Iterator[Any]:
    async def following() -> Any:
        return await anext(source)

    async def end() -> None:
        await source.aclose()

    try:
        while True:
            try:
                item = runner.run(following())
            except StopAsyncIteration:
                return
            yield item
    finally:
        runner.run(end())
