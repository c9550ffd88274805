"""A real PostgreSQL for every test: one server per run, a migrated template and a database per worker."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import disk_usage
from typing import Any

import psycopg
import pytest
from emptied_database import EmptiedDatabase
from harness import (
    SERVER_SETTINGS,
    WORKER,
    Connect,
    Connection,
    People,
    Rpc,
    build_database,
    cluster_lock,
    login_url,
    server_url,
)
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import dict_row
from pytest_postgresql import factories
from pytest_postgresql.executors import NoopExecutor
from selecting import COLLECTED, beyond_the_sample, stands_behind_others
from wingmanmatch.database.embedded import embedded_server
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

pytest.register_assert_rewrite("answers")

SERVER_URL = "WINGMAN_TEST_DATABASE_URL"
# who upgrades the databases there, where that is not the superuser of the URL
MIGRATE_AS = "WINGMAN_TEST_MIGRATE_AS"
# folders with files that take long
SLOW = ("demo_page", "model", "tools", "versioning", "races")
# folders of what calls the database from outside, with the files that look at the server itself
OUTSIDE = ("admin_page", "bench", "client", "clients_js", "deliver", "demo_page", "http", "mcp", "tools")
LOOK_AT_THE_SERVER = (
    *("test_admin_plans.py", "test_client_conformance.py", "test_database.py", "test_doctor.py"),
    "test_pooler.py",
)
IN_A_BROWSER = ("tests/admin_page/test_admin_page.py", "tests/demo_page/test_demo_page.py")
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 * 2**30

_cleanup = pytest.StashKey[ExitStack]()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server before xdist starts its workers: they inherit its address through the environment."""
    config = session.config
    is_worker = hasattr(config, "workerinput")
    if not is_worker and not config.option.collectonly:
        config.stash[_cleanup] = stack = ExitStack()
        temporary = tempfile.TemporaryDirectory(prefix="wingman-test-", dir=_fast_place())
        directory = stack.enter_context(temporary)
        # for all that workers and commands make: nothing is left, and two runs share nothing
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("TMPDIR", directory)
        patch.setattr(tempfile, "tempdir", directory)
        if SERVER_URL not in os.environ:
            server = stack.enter_context(embedded_server(Path(directory, "data"), settings=SERVER_SETTINGS))
            patch.setenv(SERVER_URL, server.url())
    if SERVER_URL in os.environ:
        _point_pytest_postgresql_at(os.environ[SERVER_URL], config)


def _fast_place() -> Path | None:
    """Memory, if there is enough: a database has hundreds of files, and creating them is ten times faster."""
    is_usable = MEMORY.is_dir() and disk_usage(MEMORY).free > ENOUGH_MEMORY
    return MEMORY if is_usable and "TMPDIR" not in os.environ else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # else one worker would be at the last of the slow files long after the other has nothing left to do
    items.sort(key=lambda item: item.path.parent.name not in SLOW)
    for item in items:
        if isinstance(item, pytest.Function):
            if "postgresql_noproc" not in item.fixturenames:
                item.add_marker("own_server")
            if item.path.parent.name in OUTSIDE and item.path.name not in LOOK_AT_THE_SERVER:
                item.add_marker("any_server")
            if stands_behind_others(item):
                item.add_marker("exhaustive")
    for item in beyond_the_sample(items):
        item.add_marker("exhaustive")
    if items:
        items[0].config.stash[COLLECTED] = list(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    return FileByFile(config, log) if config.option.dist == "loadfile" else None


class FileByFile(LoadFileScheduling):
    """Gives each file to a worker; those of tests/versioning all to one, as all hold the same lock.

    The tests in a browser take minutes: each worker has a browser of its own, and takes the next test.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        if file in IN_A_BROWSER:
            return nodeid.partition("[")[0]
        return "tests/versioning" if file.startswith("tests/versioning/") else file


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
        build_database(server_url(os.environ[SERVER_URL], dbname), os.environ.get(MIGRATE_AS))


postgresql_noproc = factories.postgresql_noproc(load=[_load])


@pytest.fixture(scope="session")
def worker_database(postgresql_noproc: NoopExecutor) -> Iterator[EmptiedDatabase]:
    """The database of all tests that a worker runs."""
    with EmptiedDatabase(postgresql_noproc) as database:
        yield database


@pytest.fixture(scope="module")
def file_database(request: pytest.FixtureRequest, worker_database: EmptiedDatabase) -> EmptiedDatabase:
    """The same for the tests of a file: a new one if leftovers of earlier files would matter."""
    if request.node.get_closest_marker("fresh_database") or worker_database.is_bloated:
        worker_database.renew()
    return worker_database


@pytest.fixture
def postgresql(file_database: EmptiedDatabase) -> psycopg.Connection:
    """A superuser's connection to the file's database, in which nothing has happened yet."""
    file_database.empty()
    return file_database.connection


@pytest.fixture
def database_url(postgresql: psycopg.Connection) -> str:
    """The superuser URL of this test's database."""
    return server_url(os.environ[SERVER_URL], postgresql.info.dbname)


@pytest.fixture
def worker_url(database_url: str) -> str:
    """The URL of this test's database for a worker."""
    return login_url(database_url, WORKER)


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
def warm(request: pytest.FixtureRequest, connect: Connect) -> Iterator[Connect]:
    """Like ``connect``, but a connection may have served an earlier test of the file."""
    if "file_database" in request.fixturenames:
        counts_pages = request.node.get_closest_marker("fresh_database") is not None
        with request.getfixturevalue("file_database").warm.lending(keeps_plans=not counts_pages) as lend:
            yield lend
    else:
        yield connect


@pytest.fixture
def db(warm: Connect, postgresql: psycopg.Connection) -> Connection:
    """A superuser's connection: autocommit, rows are dicts."""
    return warm(user=postgresql.info.user)


@pytest.fixture
def rpc(warm: Connect, db: Connection) -> Rpc:
    """Callers of the API functions, as PostgREST calls them."""
    return Rpc(warm, db)


@pytest.fixture
def people(db: Connection, rpc: Rpc) -> People:
    """Makes the people of a test."""
    return People(db, rpc)
