"""What the commands have in common."""

from pathlib import Path
from typing import Annotated

import typer

from wingmanmatch.tools.cli.failures import MisuseError

SERVER_DIRECTORY = Path(".wingman", "server")
DATABASE = "wingman"
"""The database on the server of ``wingman up``."""


def group(help: str) -> typer.Typer:
    """A group of commands, which lists them if you call it without one.

    The list shows as much of each command's first sentence as fits: keep that short.
    """
    app = typer.Typer(
        help=help, invoke_without_command=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )

    @app.callback()
    def overview(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return app


def given_or_running(context: typer.Context, database_url: str) -> str:
    """The URL given, or that of the server which `wingman up` left running in this directory."""
    if context.resilient_parsing:  # the shell asks for completions
        return database_url
    from wingmanmatch.database.connection import parts_of

    if not database_url:
        database_url = url_of_running_server()
    parts_of(database_url)
    return database_url


def url_of_running_server() -> str:
    """The superuser's URL of the server of `wingman up`."""
    if SERVER_DIRECTORY.is_dir():
        from wingmanmatch.database.embedded import forget_other_servers, running_server

        if server := running_server(SERVER_DIRECTORY):
            forget_other_servers()
            return server.url(DATABASE)
    raise MisuseError("Set WINGMAN_DATABASE_URL, give --database-url, or run wingman up")


DatabaseUrl = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_DATABASE_URL",
        callback=given_or_running,
        show_default="the server of wingman up in this directory",
        help="The URL of the database, postgresql://USER@HOST/NAME.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
LinkKey = Annotated[
    str,
    typer.Option(
        envvar="WINGMAN_LINK_KEY",
        show_default=False,
        help="The key that signs the links in e-mails, the same for wingman serve and wingman deliver.",
    ),
]
