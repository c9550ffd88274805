"""Clients of ``wingman mcp``, made with its SDK: over stdio, or in this process, which is quick."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from mcp import StdioServerParameters
from mcp.client.client import Client
from serving import WINGMAN
from wingmanmatch._async.transport import AsyncPoolTransport
from wingmanmatch._retries import CALL_TIMEOUT, RETRIES
from wingmanmatch.catalog.functions import read_catalog
from wingmanmatch.database.connection import connect
from wingmanmatch.http.pool import pool_for
from wingmanmatch.mcp.calls import User
from wingmanmatch.mcp.server import Settings, server_for
from wingmanmatch.tools.cli.acting import identity_for

Way = Literal["in_process", "stdio"]


@dataclass(frozen=True)
class Agents:
    """Starts servers, and gives a client of each."""

    way: Way
    url: str

    def connect(
        self, user: UUID, *options: str, url: str = "", mode: str = "auto"
    ) -> AbstractAsyncContextManager[Client]:
        """A client of a server for somebody; the options are those of the command."""
        if self.way == "stdio":
            return Client(command(user, *options, url=url or self.url), mode=mode)
        return self._in_process(user, url or self.url, write="--write" in options)

    @asynccontextmanager
    async def _in_process(self, user: UUID, url: str, *, write: bool) -> AsyncIterator[Client]:
        with connect(url) as connection:
            identity, named = identity_for(connection, user, None)
            catalog = read_catalog(connection)
        settings = Settings(url, User(replace(identity, reads_only=not write), named), write)
        async with pool_for("wingman mcp", url, least=1, most=4, prepare=True) as pool:
            transport = AsyncPoolTransport(pool, RETRIES, CALL_TIMEOUT)
            async with Client(server_for(catalog, settings, transport)) as client:
                yield client


def command(user: UUID, *options: str, url: str) -> StdioServerParameters:
    """How a client starts the server."""
    return StdioServerParameters(
        command=WINGMAN,
        args=["mcp", "--user", str(user), *options],
        env={**os.environ, "WINGMAN_DATABASE_URL": url},
    )


async def answer(client: Client, tool: str, **arguments: Any) -> Any:
    """What a tool answers: as structured content, and the same as text."""
    result = await client.call_tool(tool, arguments)
    (text,) = result.content
    assert not result.is_error, text.text
    assert json.loads(text.text) == result.structured_content
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """What a tool is refused with."""
    result = await client.call_tool(tool, arguments)
    (text,) = result.content
    assert result.is_error, text.text
    assert result.structured_content is None
    told: dict[str, Any] = json.loads(text.text)
    return told
