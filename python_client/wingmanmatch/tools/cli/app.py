"""All commands of ``wingman``."""

from typing import Annotated

import typer

from wingmanmatch.tools.cli import (
    acting,
    admin,
    bench,
    checkup,
    database,
    deliver,
    mcp,
    operating,
    operations,
    serve,
    server,
    stories,
    token,
)
from wingmanmatch.tools.cli.options import group

app = group("WingmanMatch: find a wingman buddy near you.")


@app.callback()
def overview(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """WingmanMatch: find a wingman buddy near you."""
    if version:
        from wingmanmatch import __version__

        typer.echo(f"wingmanmatch {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command()(stories.demo)
app.command()(server.up)
app.command()(server.status)
app.command()(server.down)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(server.psql)
app.command()(serve.serve)
app.command()(token.token)
app.add_typer(database.app, name="db")
app.command()(checkup.doctor)
app.command()(operations.metrics)
app.command()(operations.maintain)
app.command()(deliver.deliver)
app.command()(mcp.mcp)
app.command("as")(acting.act)
app.command()(operating.operate)
app.command()(admin.admin)
app.command()(stories.story)
app.command()(stories.seed)
app.command()(bench.bench)
