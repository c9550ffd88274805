"""Runs SQL text in a migration exactly as it stands, online and offline alike."""

from pathlib import Path
from typing import Literal

import psycopg
from alembic import context


def run_revision(script: str, direction: Literal["up", "down"]) -> None:
    """Run the frozen ``<script>.up.sql`` or ``.down.sql`` beside a revision's script."""
    path = Path(script).with_suffix(f".{direction}.sql")
    if direction == "down":
        # functions come back before the types that they return
        run_text("set local check_function_bodies = off;", path.name)
    run_text(path.read_text(encoding="utf-8"), path.name)


def run_text(text: str, name: str) -> None:
    """Run the statements of ``text`` in the migration's transaction, or write them out when offline.

    SQLAlchemy would read ``:name`` as a bind parameter and psycopg ``%s`` as a placeholder, so the text goes
    to the server as one simple query. Offline every statement needs its semicolon.

    Raises:
        psycopg.Error: as the server raised it, with a note that gives ``name`` and the line.
    """
    migration = context.get_context()
    if migration.as_sql:
        migration.impl.static_output(text)
        return
    assert migration.connection is not None
    connection = migration.connection.connection.driver_connection
    assert isinstance(connection, psycopg.Connection)
    try:
        connection.execute(text)
    except psycopg.Error as error:
        if error.diag.statement_position:
            line = text.count("\n", 0, int(error.diag.statement_position)) + 1
            error.add_note(f"{name}, line {line}")
        raise
