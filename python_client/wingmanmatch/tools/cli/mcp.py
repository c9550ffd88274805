"""``wingman mcp``: the functions as tools of the Model Context Protocol."""

from typing import Annotated
from uuid import UUID

import typer

from wingmanmatch.tools.cli.acting import Email, identity_for
from wingmanmatch.tools.cli.options import DatabaseUrl

UserId = Annotated[UUID, typer.Option(help="The user for whom the tools act.", show_default=False)]
Write = Annotated[bool, typer.Option("--write", help="Also offer the functions that change something.")]
PoolSize = Annotated[int, typer.Option(min=1, max=100, help="The most calls at once.")]
ConnectionTimeout = Annotated[
    float, typer.Option(min=0.1, help="How many seconds a call waits for a connection to the database.")
]


def mcp(
    user: UserId,
    write: Write = False,
    email: Email = "",
    database_url: DatabaseUrl = "",
    pool_size: PoolSize = 4,
    connection_timeout: ConnectionTimeout = 10.0,
) -> None:
    """Serve the functions as MCP tools, for one user.

    An MCP client, such as a desktop assistant, starts it and talks to it over standard input and output. By
    default it can only read. The login is like that of wingman as. SIGTERM or the end of the input stops it.
    """
    from dataclasses import replace

    from wingmanmatch.catalog.functions import read_catalog
    from wingmanmatch.database.connection import connect
    from wingmanmatch.mcp.calls import User
    from wingmanmatch.mcp.server import Settings, serve

    with connect(database_url) as connection:
        identity, named = identity_for(connection, user, email or None)
        catalog = read_catalog(connection)
    caller = User(replace(identity, reads_only=not write), named)
    serve(Settings(database_url, caller, write, pool_size, connection_timeout), catalog)
