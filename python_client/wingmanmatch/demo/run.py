"""The whole story, in an embedded PostgreSQL that runs only as long as the story."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import psycopg
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from wingmanmatch import WingmanClient
from wingmanmatch.database.embedded import embedded_server
from wingmanmatch.database.upgrade import upgrade
from wingmanmatch.demo.cast import cast_of_three, two_more
from wingmanmatch.demo.operator import Operator
from wingmanmatch.demo.people import people
from wingmanmatch.demo.seed import seed_people, sign_up
from wingmanmatch.demo.story import tell

CITIES_SHOWN = 6
WIDEST_BAR = 30


def run(console: Console, directory: Path, users: int, seed: int) -> None:
    """Build a database in ``directory``, fill it and tell the story in it; the server stops afterwards."""
    begun = perf_counter()
    console.print(
        Panel("[bold]WingmanMatch[/]: find a wingman buddy near you", border_style="cyan", expand=False)
    )
    with ExitStack() as stack:
        with step(console, "An embedded PostgreSQL"):
            server = stack.enter_context(embedded_server(directory, fresh=True))
        with step(console, "alembic upgrade head"):
            upgrade(server.url())
        rng = random.Random(f"the story of {seed}")
        cast = cast_of_three(rng)
        cast += two_more(rng, cast)
        with psycopg.connect(server.url(), autocommit=True) as connection:
            seed_people(connection, console, users, seed)
            sign_up(connection, cast)
        console.print(where_they_live(users, seed))
        operator = stack.enter_context(Operator.connected(server.url()))
        with WingmanClient.connect(server.url(user="authenticator")) as client:
            tell(client, console, cast, operator)
    console.print(f"The server is stopped. The demo took {perf_counter() - begun:.1f} s.")


@contextmanager
def step(console: Console, title: str) -> Iterator[None]:
    """Show that something is in progress, then how long it took."""
    begun = perf_counter()
    with console.status(title):
        yield
    console.print(f"[green]✓[/] {title} [magenta]{perf_counter() - begun:.1f} s")


def where_they_live(users: int, seed: int) -> Table:
    """The cities with the most people of the seed."""
    homes = Counter(person.city for person in people(users, seed))
    table = Table(
        title=f"{users:,} people in {len(homes):,} cities, the largest crowds", box=None, title_style="bold"
    )
    table.add_column(style="bold")
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="cyan")
    shown = homes.most_common(CITIES_SHOWN)
    for city, count in shown:
        bar = "█" * round(WIDEST_BAR * count / shown[0][1])
        table.add_row(city.name, city.country, str(count), bar)
    return table
