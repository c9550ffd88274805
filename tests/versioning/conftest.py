"""Databases to build by hand, and a small tree with its own ``sql/`` and revisions to change."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Protocol

import psycopg
import pytest
from harness import OPERATOR, cluster_lock, login_url, server_url
from psycopg import sql
from versioning.backup_page import live, superusers
from versioning.tree import Tree
from wingmanmatch.database.upgrade import upgrade


class NewDatabase(Protocol):
    """Makes an empty database and gives its URL."""

    def __call__(self, encoding: str = "UTF8") -> str: ...


@pytest.fixture
def new_database(database_url: str) -> Iterator[NewDatabase]:
    """Makes empty databases, dropped when the test ends; until then it holds the lock on making roles.

    Their URLs are of their owner, the login that upgrades databases.
    """
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    numbers = count(1)
    server = os.environ["WINGMAN_TEST_DATABASE_URL"]
    owner = os.environ.get("WINGMAN_TEST_MIGRATE_AS")
    with ExitStack() as stack:
        stack.enter_context(cluster_lock(server))
        connection = stack.enter_context(psycopg.connect(server, autocommit=True))

        def make(encoding: str = "UTF8") -> str:
            new = f"{name}_{next(numbers)}"
            create = sql.SQL("create database {} encoding {} locale 'C' template template0")
            connection.execute(create.format(sql.Identifier(new), encoding))
            if owner:
                alter = sql.SQL("alter database {} owner to {}")
                connection.execute(alter.format(sql.Identifier(new), sql.Identifier(owner)))
            stack.callback(
                connection.execute,
                sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(new)),
            )
            url = server_url(server, new)
            return login_url(url, owner) if owner else url

        yield make


@pytest.fixture(scope="session")
def first_tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree.make(tmp_path_factory.mktemp("tree"))
    tree.migration("the start")
    return tree


@pytest.fixture
def tree(first_tree: Tree, tmp_path: Path) -> Tree:
    """A separate tree, whose first revision is made."""
    return first_tree.copy(tmp_path)


@pytest.fixture
def operators_login(database_url: str) -> None:
    """The operator's login exists on this server, as on every one that has a database of the tests."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute("select from pg_roles where rolname = %s", [OPERATOR]).fetchone()
        assert row is not None


@pytest.fixture
def source(new_database: NewDatabase, operators_login: None) -> str:
    """A database with a past."""
    url = new_database()
    upgrade(url)
    live(superusers(url))
    return superusers(url)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A folder whose path is short enough for sockets, and which every user can enter."""
    with tempfile.TemporaryDirectory(prefix="wingman-restored-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
