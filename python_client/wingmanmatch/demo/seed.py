"""Fill a database with people, by COPY."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wingmanmatch.demo.people import Person, people


class AlreadySeededError(Exception):
    """The people of this seed are already in the database."""


class Table(NamedTuple):
    """A table to fill, and the row that a person has in it."""

    name: str
    columns: tuple[str, ...]
    row: Callable[[Person], tuple[object, ...]]


USERS = Table("auth.users", ("id",), lambda person: (person.id,))
PROFILES = Table(
    "public.user_profiles",
    ("id", "first_name", "bio", "experience_level", "confidence_archetype"),
    lambda person: (
        person.id,
        person.first_name,
        person.bio,
        person.experience_level,
        person.confidence_archetype,
    ),
)
LOCATIONS = Table(
    "public.user_locations",
    ("user_id", "lat", "lng", "city", "privacy_mode", "max_travel_miles"),
    lambda person: (
        person.id,
        person.lat,
        person.lng,
        person.city.name,
        person.privacy_mode,
        person.max_travel_miles,
    ),
)


def seed_people(connection: psycopg.Connection[Any], console: Console, count: int, seed: int) -> None:
    """Write the first ``count`` people of the seed in one transaction, showing the progress, then analyze.

    The connection is in autocommit; its login must be able to write the three tables, as a superuser is.

    Raises AlreadySeededError, with nothing written, if one of these people is already there.
    """
    progress = Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )
    there_already = AlreadySeededError(f"The people of seed {seed} are already there: use another --seed")
    first = next(iter(people(1, seed)))
    if connection.execute("select from auth.users where id = %s", [first.id]).fetchone() is not None:
        raise there_already
    try:
        with progress, connection.transaction():
            for table in (USERS, PROFILES, LOCATIONS):
                copy(connection, progress, table, people(count, seed), count)
    except psycopg.errors.UniqueViolation as violation:
        raise AlreadySeededError(
            f"The people of seed {seed} are already there: use another --seed"
        ) from violation
    # The planner must not think that the tables are empty until autovacuum runs.
    for name in (USERS.name, PROFILES.name, LOCATIONS.name, "wingman.matchmaking_pool"):
        connection.execute(sql.SQL("analyze {}").format(sql.Identifier(*name.split("."))))


def copy(
    connection: psycopg.Connection[Any], progress: Progress, table: Table, rows: Iterable[Person], count: int
) -> None:
    """Fill the table with ``count`` rows by one COPY."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.name.split(".")), sql.SQL(", ").join(map(sql.Identifier, table.columns))
    )
    with connection.cursor() as cursor:
        with cursor.copy(statement) as writer:
            for person in progress.track(rows, count, description=table.name):
                writer.write_row(table.row(person))
            # The server fires them after the last row, and does not report its progress.
            triggers = progress.add_task("  and its triggers", total=None)
        progress.remove_task(triggers)


def sign_up(connection: psycopg.Connection[Any], newcomers: Iterable[Person]) -> None:
    """Insert their rows into ``auth.users``, which is all that a sign-up on Supabase does."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany("insert into auth.users (id) values (%s)", [(person.id,) for person in newcomers])
