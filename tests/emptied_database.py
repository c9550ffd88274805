"""For tests that change only rows: one database a file, emptied before each test within milliseconds."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor


@pytest.fixture(scope="module")
def postgresql(postgresql_noproc: NoopExecutor) -> Iterator[psycopg.Connection]:
    """Takes the place of the fixture of the same name, which clones a database for every test."""
    server = postgresql_noproc
    janitor = DatabaseJanitor(
        user=server.user,
        host=server.host,
        port=server.port,
        password=server.password,
        dbname=server.dbname,
        template_dbname=server.template_dbname,
        maintenance_dbname=server.maintenance_dbname,
    )
    with (
        janitor,
        psycopg.connect(
            dbname=server.dbname,
            user=server.user,
            host=server.host,
            port=server.port,
            password=server.password,
            autocommit=True,
        ) as connection,
    ):
        yield connection


@pytest.fixture(autouse=True)
def emptied(postgresql: psycopg.Connection) -> None:
    """Nobody is there, and every setting has its default."""
    tables = postgresql.execute(
        "select oid::regclass::text from pg_class where relkind = 'r'"
        " and (relnamespace in ('public'::regnamespace, 'wingman'::regnamespace)"
        " or oid = 'auth.users'::regclass) and relname <> 'alembic_version'"
    ).fetchall()
    with postgresql.transaction():
        # past the triggers: the ledger lets nothing go
        postgresql.execute("set local session_replication_role = replica")
        for (table,) in tables:
            postgresql.execute(sql.SQL("delete from {}").format(sql.SQL(table)))
        postgresql.execute("insert into wingman.settings default values")
