"""Runs the revisions: all of them in one transaction, as wingman_owner, one migration at a time."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection, NullPool, create_engine, text
from wingmanmatch.database import paths
from wingmanmatch.database.connection import DatabaseUrlError, parts_of
from wingmanmatch.database.frozen_sql import run_text
from wingmanmatch.database.upgrade import MIGRATION_LOCK

VERSION_TABLE_SCHEMA = "wingman"


def database_url() -> str:
    """A libpq URL: given by ``wingmanmatch.database.upgrade``, else by the environment."""
    url = context.config.attributes.get("database_url") or os.environ.get("WINGMAN_DATABASE_URL")
    if not url:
        raise CommandError("Set WINGMAN_DATABASE_URL to the URL of the database")
    return str(url)


def connect(url: str) -> psycopg.Connection:
    """Connect; the command alembic says in one sentence why it cannot, and never repeats the URL."""
    try:
        parts_of(url)
        return psycopg.connect(url, client_encoding="utf8")
    except (DatabaseUrlError, psycopg.OperationalError) as error:
        if context.config.cmd_opts:
            raise CommandError(" ".join(str(error).split())) from None
        raise


@contextmanager
def one_migration_at_a_time(connection: Connection) -> Iterator[None]:
    """Hold a session-level lock, which outlives commits; it needs a direct connection, not a pooler's."""
    connection.execute(text("set lock_timeout = '60s'"))
    connection.execute(text("set statement_timeout = 0"))
    connection.execute(text("select pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
        connection.commit()


def migrate() -> None:
    """Everything that happens in the transaction, online and offline alike."""
    migration = context.get_context()
    if migration.opts.get("dont_mutate"):  # `alembic current` and its like only look
        context.run_migrations()
        return
    # DDL must not queue for long before a table in use: everybody else queues behind it.
    run_text("set local lock_timeout = '5s';", "env.py")
    # nor may the login's limit end a migration that only takes long, or its setting make other texts of ours
    run_text("set local statement_timeout = 0;", "env.py")
    run_text("set local standard_conforming_strings = on;", "env.py")
    # The version table lies in schema wingman, so role and schema must stand before the first revision.
    run_text(paths.BOOTSTRAP_SQL.read_text(), paths.BOOTSTRAP_SQL.name)
    run_text("set local role wingman_owner;", "env.py")
    before = () if migration.as_sql else migration.get_current_heads()
    context.run_migrations()
    if migration.as_sql or migration.get_current_heads() != before:
        run_text("notify pgrst, 'reload schema';", "env.py")


def run_online() -> None:
    # The driver reads the URL itself, so that all of libpq's forms work and nothing in a password is special.
    connection = connect(database_url())
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=NullPool)
    with engine.connect() as session, one_migration_at_a_time(session):
        context.configure(connection=session, version_table_schema=VERSION_TABLE_SCHEMA)
        with context.begin_transaction():
            migrate()


def run_offline() -> None:
    context.configure(dialect_name="postgresql", version_table_schema=VERSION_TABLE_SCHEMA)
    with context.begin_transaction():
        migrate()


if context.config.cmd_opts:
    logging.basicConfig(format="%(message)s")
    logging.getLogger("alembic").setLevel(logging.INFO)

if context.is_offline_mode():
    run_offline()
else:
    run_online()
