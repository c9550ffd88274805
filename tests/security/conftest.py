"""One world with a victim for all tests of a run that undo everything they do in it; see ``shared_world``."""

from collections.abc import Iterator

import psycopg
import pytest
from harness import Connection, People, Rpc
from psycopg.rows import dict_row
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor
from security.arguments import GoodCall, good_calls_of
from security.inventory import Function, functions
from security.judge import Judge
from security.traps import hostile_login
from security.victims import Snapshots, World, make_world


@pytest.fixture(scope="session")
def shared_database(postgresql_noproc: NoopExecutor) -> Iterator[psycopg.Connection]:
    """A superuser's connection to a separate database, besides the one that each test gets."""
    server = postgresql_noproc
    login = {"user": server.user, "host": server.host, "port": server.port, "password": server.password}
    dbname = f"{server.dbname}_shared"
    janitor = DatabaseJanitor(
        **login,
        dbname=dbname,
        template_dbname=server.template_dbname,
        maintenance_dbname=server.maintenance_dbname,
    )
    with janitor, psycopg.connect(**login, dbname=dbname, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def superuser(shared_database: psycopg.Connection) -> Iterator[Connection]:
    """The same with rows as dicts."""
    with psycopg.connect(shared_database.info.dsn, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="session")
def world(superuser: Connection) -> Iterator[World]:
    with psycopg.connect(superuser.info.dsn, user="authenticator", autocommit=True) as login:
        login.row_factory = dict_row
        rpc = Rpc(lambda **_: login, superuser)
        yield make_world(superuser, People(superuser, rpc), rpc)


@pytest.fixture(scope="session")
def judge(superuser: Connection, world: World) -> Judge:
    return Judge(superuser, Snapshots(superuser))


@pytest.fixture(scope="session")
def inventory(superuser: Connection) -> dict[str, Function]:
    """Every function of ours, by its qualified name."""
    return {function.qualified: function for function in functions(superuser)}


@pytest.fixture(scope="session")
def hostile(superuser: Connection) -> Iterator[Connection]:
    """The connection of a login that can run any SQL, with every trap planted."""
    with hostile_login(superuser) as connection:
        yield connection


@pytest.fixture(scope="session")
def good_calls(
    superuser: Connection, world: World, inventory: dict[str, Function]
) -> dict[str, list[GoodCall]]:
    """Calls that are answered, by the name of the function of the front door."""
    found = {
        function.name: good_calls_of(superuser, world, function)
        for function in inventory.values()
        if function.schema == "public"
    }
    assert all(found.values()), f"No sensible call is answered: {[name for name in found if not found[name]]}"
    return found
