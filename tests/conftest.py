"""A real PostgreSQL for every test: a server a run, a migrated template a worker, a fresh database a test."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from harness import Connect, Connection, People, Rpc, build_database, cluster_lock, server_url
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from pytest_postgresql import factories
from wingmanmatch.database.embedded import FAST_AND_FORGETFUL, embedded_server

pytest.register_assert_rewrite("answers")

SERVER_URL = "WINGMAN_TEST_DATABASE_URL"
SETTINGS = {**FAST_AND_FORGETFUL, "autovacuum": "off", "max_connections": "150"}

_cleanup = pytest.StashKey[ExitStack]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server before xdist starts its workers: they inherit its address through the environment."""
    config = session.config
    if SERVER_URL not in os.environ and not config.option.collectonly:
        config.stash[_cleanup] = stack = ExitStack()
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="wingman-test-"))
        server = stack.enter_context(embedded_server(Path(directory, "data"), settings=SETTINGS))
        stack.callback(os.environ.pop, SERVER_URL)
        os.environ[SERVER_URL] = server.url()
    if SERVER_URL in os.environ:
        _point_pytest_postgresql_at(os.environ[SERVER_URL], config)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    if _cleanup in config.stash:
        config.stash[_cleanup].close()


def _point_pytest_postgresql_at(url: str, config: pytest.Config) -> None:
    parts = conninfo_to_dict(url)
    config.option.postgresql_host = parts.get("host", "/var/run/postgresql")
    config.option.postgresql_port = parts.get("port", "5432")
    config.option.postgresql_user = parts.get("user", "postgres")
    config.option.postgresql_password = parts.get("password")
    config.option.postgresql_maintenance_dbname = parts.get("dbname", "postgres")
    # The process id keeps two runs on one server apart.
    config.option.postgresql_dbname = f"wingman_test_{os.getpid()}"


def _load(dbname: str, **_: Any) -> None:
    # Roles belong to the whole cluster, so two workers must not make them at once.
    with cluster_lock(os.environ[SERVER_URL]):
        build_database(server_url(os.environ[SERVER_URL], dbname))


postgresql_noproc = factories.postgresql_noproc(load=[_load])
postgresql = factories.postgresql("postgresql_noproc")


@pytest.fixture
def database_url(postgresql: psycopg.Connection) -> str:
    """The superuser URL of this test's own fresh database."""
    return server_url(os.environ[SERVER_URL], postgresql.info.dbname)


@pytest.fixture
def connect(database_url: str) -> Iterator[Connect]:
    """Opens connections to this test's database, closed at its end: ``connect(user="authenticator")``."""
    with ExitStack() as stack:

        def open_connection(
            user: str = "authenticator", autocommit: bool = True, **kwargs: Any
        ) -> Connection:
            connection = psycopg.connect(
                database_url, user=user, autocommit=autocommit, row_factory=dict_row, **kwargs
            )
            stack.callback(connection.close)
            return connection

        yield open_connection


@pytest.fixture
def db(connect: Connect, postgresql: psycopg.Connection) -> Connection:
    """A superuser's connection: autocommit, rows are dicts."""
    return connect(user=postgresql.info.user)


@pytest.fixture
def rpc(connect: Connect, db: Connection) -> Rpc:
    """Callers of the API functions, as PostgREST calls them."""
    return Rpc(connect, db)


@pytest.fixture
def people(db: Connection, rpc: Rpc) -> People:
    """Makes the people of a test."""
    return People(db, rpc)
