"""Upgrades and downgrades a database from Python, as the command ``alembic`` does."""

from io import StringIO
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg.rows import scalar_row

from wingmanmatch.database import paths

MIGRATION_LOCK = 5_208_164_433
"""The advisory lock that a migration holds, so that a second one waits."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring a database up to a revision, in one transaction.

    Args:
        database_url: a libpq URL (``postgresql://…``) of a direct connection whose login can create roles.
        revision: a revision id, or ``head``, today.

    Raises:
        psycopg.Error: the server refused; nothing has changed.
    """
    command.upgrade(configuration(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take a database back to an earlier revision, or to ``base``, in one transaction.

    Raises:
        psycopg.errors.ObjectNotInPrerequisiteState: it would lose data; nothing has changed.
        psycopg.Error: the server refused; nothing has changed.
    """
    command.downgrade(configuration(database_url), revision)


def current_revision(connection: psycopg.Connection[Any]) -> str | None:
    """The revision that a database is at; None if it has none.

    Raises:
        psycopg.errors.InsufficientPrivilege: the login is not a member of wingman_owner.
    """
    with connection.cursor(row_factory=scalar_row) as cursor:
        if cursor.execute("select to_regclass('wingman.alembic_version')").fetchone() is None:
            return None
        revision = cursor.execute("select version_num from wingman.alembic_version").fetchone()
        return str(revision) if revision else None


def revisions() -> list[str]:
    """The ids of this release's revisions, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()]


def offline_sql(revision: str = "head") -> str:
    """The SQL script, for psql, that brings an empty database up to a revision.

    Given two, as in ``0001:0002``, the script leads from the first to the second.
    """
    script = StringIO()
    command.upgrade(configuration(output=script), revision, sql=True)
    return script.getvalue()


def configuration(database_url: str | None = None, *, output: StringIO | None = None) -> Config:
    """Alembic's configuration for a database, or without one, for commands that need none."""
    config = Config(paths.ALEMBIC_INI, output_buffer=output)
    config.attributes["database_url"] = database_url
    return config
