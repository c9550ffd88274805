"""The worlds that are measured: people made once, kept as template databases, and copied for a run."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from wingmanmatch.database import paths
from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import BINARIES, EmbeddedServer
from wingmanmatch.demo.people import City, cities
from wingmanmatch.tools.bench.server import tcp_url

BEFORE_SQL = paths.BENCH / "before.sql"
BEFORE = paths.BENCH / "before"
"""The scripts of worlds and turns that go with it, frozen as well."""
COMPARED = ("floor", "seed_design", "bare", "app_server")
"""What calls are compared with: separate tables, filled from those of the world."""
CALLER = "authenticator"
COPY = "run_"
PEOPLE_TO_A_PAIR = 20
"""One in ten people has met a neighbour. A turn has fewer calls than there are such pairs: matches of all its
callers take less than a tenth of the people."""

Say = Callable[[str], None]


class WorldError(Exception):
    """A world is not in the expected state, so measurements in it do not count."""


@dataclass(frozen=True)
class Kind:
    """A kind of world."""

    shape: str
    """``spread``: over all cities by population; ``dense``: all in the largest one."""
    people: int
    before: bool = False
    """Whether it is made by ``bench/before.sql``, the SQL before the journal, instead of this tree's."""

    @property
    def pairs(self) -> int:
        """How many pairs have met."""
        return self.people // PEOPLE_TO_A_PAIR

    @property
    def cities(self) -> tuple[City, ...]:
        """Where the people live."""
        return tuple(city for city in cities() if city.population) if self.shape == "spread" else cities()[:1]

    @property
    def template(self) -> str:
        """The name of the template database; it depends on the SQL."""
        return f"{self._family}{_digest_of_sql(self.before)}"

    @property
    def label(self) -> str:
        """The kind's name, for people."""
        return f"{self.shape}{', before' if self.before else ''}"

    @property
    def install_sql(self) -> Path:
        """The SQL that builds it."""
        return BEFORE_SQL if self.before else paths.INSTALL_SQL

    @property
    def scripts(self) -> tuple[str, ...]:
        """The files of ``bench/worlds`` that fill it; the tables to compare with are in one world only."""
        is_compared = self.shape == "spread" and not self.before
        return ("people", "pairs", "finish", *(COMPARED if is_compared else ()))

    def script(self, folder: str, name: str) -> Path:
        """A file of ``bench/worlds`` or ``bench/turns``, or its earlier version."""
        return (BEFORE if self.before else paths.BENCH) / folder / f"{name}.sql"

    @property
    def _family(self) -> str:
        return f"{'before_' if self.before else ''}{self.shape}_{self.people}_"

    def is_outdated(self, dbname: str) -> bool:
        """Whether a database is a world of this kind made by other SQL, or a copy that a killed run left."""
        return dbname.removeprefix(COPY).startswith(self._family) and dbname != self.template


@dataclass
class World:
    """A database of people, for one run."""

    kind: Kind
    server: EmbeddedServer
    dbname: str
    connection: psycopg.Connection[Any]
    """The superuser's, in autocommit."""
    turns: int = 0
    """Turns so far: the ids that a turn works on contain its number."""
    callers: int = 0
    """Calls so far, so that the next turn has other callers."""
    variables: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = {"people": self.kind.people, "pairs": self.kind.pairs}

    @property
    def url(self) -> str:
        """The callers' URL, over the socket."""
        return self.server.url(self.dbname, CALLER)

    @property
    def tcp_url(self) -> str:
        """The callers' URL, over loopback TCP."""
        return tcp_url(self.server.port, self.dbname, CALLER)

    def run(self, name: str, **variables: int) -> None:
        """Run a file of ``bench/turns`` as the superuser."""
        psql(self.server.url(self.dbname), self.kind.script("turns", name), {**self.variables, **variables})

    def number(self, query: str) -> int:
        """The single number that a query returns."""
        row = self.connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def world(server: EmbeddedServer, kind: Kind, say: Say) -> Iterator[World]:
    """A fresh copy of a world, dropped at the end; ``say`` announces steps that take long."""
    with connect(server.url()) as maintenance:
        _make_template(server, maintenance, kind, say)
        say(f"Copying {kind.people:,} people, {kind.label}")
        dbname = f"{COPY}{kind.template}"
        _drop(maintenance, dbname)
        maintenance.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(dbname), sql.Identifier(kind.template)
            )
        )
        try:
            with connect(server.url(dbname)) as connection:
                made = World(kind, server, dbname, connection)
                _warm(made)
                yield made
        finally:
            _drop(maintenance, dbname)


def person_id(number: int) -> UUID:
    """The id that bench/worlds/people.sql gives a person, and that bench/calls compute."""
    return UUID(hashlib.md5(f"person {number}".encode(), usedforsecurity=False).hexdigest())


def psql(url: str, file: Path, variables: dict[str, int]) -> None:
    """Run a file of SQL.

    Raises:
        WorldError: with psql's message.
    """
    options = [f"--set={name}={value}" for name, value in {"ON_ERROR_STOP": 1, **variables}.items()]
    command = [str(BINARIES / "psql"), url, "--no-psqlrc", "--quiet", "--output=/dev/null", *options]
    done = subprocess.run([*command, f"--file={file}"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise WorldError(f"{file.name}: {done.stderr.strip()}")


def _make_template(
    server: EmbeddedServer, maintenance: psycopg.Connection[Any], kind: Kind, say: Say
) -> None:
    if _is_template(maintenance, kind.template):
        return
    for (dbname,) in maintenance.execute("select datname from pg_database").fetchall():
        if kind.is_outdated(dbname) or dbname == kind.template:
            _drop(maintenance, dbname)
    maintenance.execute(sql.SQL("create database {}").format(sql.Identifier(kind.template)))
    _fill(server.url(kind.template), kind, say)
    # Only a finished one is a template.
    maintenance.execute(sql.SQL("alter database {} is_template true").format(sql.Identifier(kind.template)))


def _fill(url: str, kind: Kind, say: Say) -> None:
    say(f"Making {kind.people:,} people, {kind.label}: once, then they are kept")
    psql(url, kind.install_sql, {})
    variables = {"people": kind.people, "pairs": kind.pairs}
    psql(url, kind.script("worlds", "begin"), {})
    with connect(url) as connection, connection.cursor() as cursor:
        inhabitants = list(accumulate(city.population for city in kind.cities))
        with cursor.copy("copy bench.cities from stdin") as writer:
            for city, up_to in zip(kind.cities, inhabitants, strict=True):
                writer.write_row((city.name, city.lat, city.lng, up_to / inhabitants[-1]))
    for name in kind.scripts:
        psql(url, kind.script("worlds", name), variables)


def _warm(made: World) -> None:
    # The copy's files are not in shared buffers yet.
    tables = made.connection.execute(
        "select c.oid::regclass::text from pg_class as c join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind = 'r' and n.nspname = any(%s)",
        [["public", "wingman", "bench", *COMPARED]],
    ).fetchall()
    for (table,) in tables:
        made.number(f"select count(t) from {table} as t")  # noqa: S608 - a regclass


def _drop(maintenance: psycopg.Connection[Any], dbname: str) -> None:
    name = sql.Identifier(dbname)
    if _is_template(maintenance, dbname):
        maintenance.execute(sql.SQL("alter database {} is_template false").format(name))
    maintenance.execute(sql.SQL("drop database if exists {} with (force)").format(name))


def _is_template(maintenance: psycopg.Connection[Any], dbname: str) -> bool:
    query = "select datistemplate from pg_database where datname = %s"
    found = maintenance.execute(query, [dbname]).fetchone()
    return bool(found and found[0])


@cache
def _digest_of_sql(before: bool) -> str:
    if before:
        sources = [BEFORE_SQL, *sorted(BEFORE.rglob("*.sql"))]
    else:
        sources = [*sorted(paths.SQL.rglob("*.sql")), *sorted((paths.BENCH / "worlds").glob("*.sql"))]
    digest = hashlib.sha256()
    for file in sources:
        digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
