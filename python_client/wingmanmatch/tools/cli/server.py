"""``wingman up``, ``status``, ``down`` and ``psql``: an embedded PostgreSQL that keeps running."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from wingmanmatch.tools.cli.options import DATABASE, SERVER_DIRECTORY, DatabaseUrl

if TYPE_CHECKING:
    from wingmanmatch.database.embedded import EmbeddedServer

STOPPED = 3
"""The exit status of ``wingman status`` if no server runs, the same as that of ``pg_ctl status``."""

Directory = Annotated[Path, typer.Option(help="Where its data is.")]
Port = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=65_535,
        help="Listen on this port of 127.0.0.1, too; 0 takes any free one.",
        show_default="a Unix socket only",
    ),
]


def up(directory: Directory = SERVER_DIRECTORY, port: Port = None) -> None:
    """Start an embedded PostgreSQL and keep it.

    WingmanMatch is installed in it. Repeat the command as often as you like. The server trusts everybody who
    can reach it: by its Unix socket, and with --port every user of this machine. A running server that does
    not listen on that port is restarted.
    """
    from wingmanmatch.database.embedded import forget_other_servers, running_server, start_server
    from wingmanmatch.database.upgrade import upgrade

    forget_other_servers()
    before = running_server(directory)
    server = start_server(directory, port)
    make_database(server)
    upgrade(server.url(DATABASE))
    state = "is running"
    if before:
        state = "was running already" if before.pid == server.pid else "was restarted"
    typer.echo(f"PostgreSQL {state} {told(server)}.")
    show_ways_in(server)
    typer.echo(
        f"\nwingman finds it from {Path.cwd()} by itself; from elsewhere:" * (directory == SERVER_DIRECTORY)
    )
    typer.echo(f"  export WINGMAN_DATABASE_URL={quote(server.url(DATABASE))}")
    typer.echo(f"Stop it: wingman down{option(directory)}")


def status(directory: Directory = SERVER_DIRECTORY) -> None:
    """Show whether an embedded server is running.

    It also shows what is in it. The exit status is 3 if none runs.
    """
    from wingmanmatch.database.connection import connect
    from wingmanmatch.database.embedded import forget_other_servers, running_server
    from wingmanmatch.database.upgrade import current_revision, revisions

    forget_other_servers()
    server = running_server(directory)
    if server is None:
        typer.echo(f"No server runs in {directory.resolve()}. Start one: wingman up{option(directory)}")
        raise typer.Exit(STOPPED)
    typer.echo(f"PostgreSQL is running {told(server)}.")
    with connect(server.url(DATABASE)) as connection:
        revision = current_revision(connection)
        if revision:
            newest = revisions()[0]
            behind = "" if revision == newest else f", this release at {newest}: wingman db upgrade"
            people = connection.execute("select count(*) from public.user_profiles").fetchone()
            typer.echo(
                f"WingmanMatch is at revision {revision}{behind}; {people[0]:,} people." if people else ""
            )
        else:
            typer.echo("WingmanMatch is not installed in it: wingman db upgrade")
    show_ways_in(server)


def down(directory: Directory = SERVER_DIRECTORY) -> None:
    """Stop the embedded server; its data stays."""
    from wingmanmatch.database.embedded import stop_server

    if stop_server(directory):
        typer.echo(f"The server in {directory.resolve()} is stopped; its data stays.")
    else:
        typer.echo(f"No server runs in {directory.resolve()}.")


def psql(context: typer.Context, database_url: DatabaseUrl = "") -> None:
    """Open psql, also if none is installed.

    It is the one that comes with the embedded server. Whatever follows is passed on to it, for example:
    wingman psql -c 'select count(*) from user_profiles'
    """
    import os

    from wingmanmatch.database.embedded import BINARIES

    program = str(BINARIES / "psql")
    os.execv(program, [program, database_url, *context.args])


def make_database(server: "EmbeddedServer") -> None:
    """Make the database, unless it exists."""
    from psycopg import sql

    from wingmanmatch.database.connection import connect

    with connect(server.url()) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))


def told(server: "EmbeddedServer") -> str:
    """Where it runs."""
    return f"in {server.directory}, process {server.pid}"


def show_ways_in(server: "EmbeddedServer") -> None:
    """Print the URLs, and how to connect with psql, even if none is installed."""
    from wingmanmatch.database.embedded import BINARIES

    owner = server.url(DATABASE)
    typer.echo(f"\n  superuser      {owner}")
    typer.echo(f"  authenticator  {server.url(DATABASE, user='authenticator')}")
    if server.on_loopback:
        typer.echo(f"  over TCP       {server.tcp_url(DATABASE)}")
    typer.echo(f"  psql           {quote(str(BINARIES / 'psql'))} {quote(owner)}")


def option(directory: Path) -> str:
    """The option that a later command needs to find this directory."""
    return "" if directory == SERVER_DIRECTORY else f" --directory {quote(str(directory))}"
