"""The revision, and the one row of settings."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import scalar_row

from wingmanmatch.database import paths
from wingmanmatch.database.fingerprint import released
from wingmanmatch.database.upgrade import current_revision, revisions
from wingmanmatch.tools.doctor.report import Finding, Note

_SETTINGS_RULE = re.compile(r"constraint (\w+) on wingman\.settings: definition")
_SETTINGS_COLUMN = re.compile(r"column wingman\.settings\.(\w+): definition")


def look_at_revision(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Is the database at this release's newest revision?"""
    current, known = current_revision(connection), revisions()
    if current == known[0]:
        yield Note(f"{current}, the newest of this release")
    elif current in known:
        yield Finding(
            "revision", f"The database is at {current}, this release at {known[0]}", "wingman db upgrade"
        )
    elif current:
        yield Finding(
            "revision",
            f"The database is at {current}, which this release does not know",
            "Use the release that made it, or a newer one.",
        )
    elif _scalar(connection, "select to_regclass('public.user_profiles') is null"):
        yield Finding("revision", "WingmanMatch is not installed here", "wingman db upgrade")
    else:
        yield Finding(
            "revision",
            "The objects exist, but no revision is recorded",
            f"If sql/install.sql of this release made them: alembic -c {paths.ALEMBIC_INI} stamp head",
        )


def look_at_settings(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Is there one row of settings, and does it obey this release's rules, whatever constraints exist?"""
    if _scalar(connection, "select to_regclass('wingman.settings') is null"):
        return
    rows = _scalar(connection, "select count(*) from wingman.settings")
    if rows == 0:
        yield Finding("settings", "There are no settings", "insert into wingman.settings default values;")
    elif rows > 1:
        yield Finding("settings", f"There are {rows} rows of settings", "Delete all but one.")
    columns = [found[1] for key in released() if (found := _SETTINGS_COLUMN.fullmatch(key))]
    for key, definition in released().items():
        rule = _SETTINGS_RULE.fullmatch(key)
        if rule and definition.startswith("CHECK "):
            condition = definition.removeprefix("CHECK ")
            broken = sql.SQL("select count(*) from wingman.settings where ({}) is false")
            if _scalar(connection, broken.format(sql.SQL(condition))):
                about = [column for column in columns if re.search(rf"\b{column}\b", condition)]
                defaults = ", ".join(f"{column} = default" for column in about)
                statement = f"update wingman.settings set {defaults} where id;"  # noqa: S608 - shown, never run
                yield Finding("settings", f"The settings break {condition}", statement)


def _scalar(connection: psycopg.Connection[Any], query: str | sql.Composed) -> Any:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return cursor.execute(query).fetchone()
