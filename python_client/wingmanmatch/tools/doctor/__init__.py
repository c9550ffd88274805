"""Does a database match this release? Every check finds what does not match, and says how to mend it."""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import psycopg

from wingmanmatch.database.connection import connect, without_statement_timeout
from wingmanmatch.tools.doctor.deliveries import look_at_deliveries
from wingmanmatch.tools.doctor.installation import look_at_revision, look_at_settings
from wingmanmatch.tools.doctor.objects import look_at_objects
from wingmanmatch.tools.doctor.readers import look_at_readers
from wingmanmatch.tools.doctor.report import Check, Finding, Note
from wingmanmatch.tools.doctor.roles import look_at_roles
from wingmanmatch.tools.doctor.rows import look_at_journal, look_at_rows
from wingmanmatch.tools.doctor.surroundings import (
    look_at_isolation,
    look_at_pooler,
    look_at_safeupdate,
    look_at_writes,
)

__all__ = ["Check", "Finding", "Note", "examine"]

Look: TypeAlias = Callable[[psycopg.Connection[Any]], Iterator[Finding | Note]]

# In this order each mend has what it needs: a role to grant to, a row that satisfies its constraints.
LOOKS: dict[str, Look] = {
    "revision": look_at_revision,
    "roles": look_at_roles,
    "settings": look_at_settings,
    "objects": look_at_objects,
    "readers": look_at_readers,
    "deliveries": look_at_deliveries,
    "rows": look_at_rows,
    "journal": look_at_journal,
    "isolation": look_at_isolation,
    "writes": look_at_writes,
    "safeupdate": look_at_safeupdate,
}

OF_THIS_REVISION = ("objects", "rows", "journal")


def examine(database_url: str, *, with_rows: bool = True) -> list[Check]:
    """Check a database with the rights of the URL's login, and change nothing.

    Args:
        database_url: the database.
        with_rows: whether the rows are checked, which reads whole tables.

    Raises:
        psycopg.OperationalError: the database cannot be reached.
    """
    with connect(database_url, prepare_threshold=None) as connection:
        connection.read_only = True
        checks: dict[str, Check] = {}
        for name, look in LOOKS.items():
            if name == "rows" and not with_rows:
                checks[name] = Check(name, not_looked="wingman doctor does it: it reads whole tables")
            elif name in OF_THIS_REVISION and checks["revision"].findings:
                checks[name] = Check(name, not_looked="another revision has other ones")
            else:
                checks[name] = run(name, unhurried(look), connection)
        pooler = run("pooler", lambda it: look_at_pooler(it, database_url), connection)
    return [*checks.values(), pooler]


def unhurried(look: Look) -> Look:
    """The same check, however short the login's time limit for statements is."""

    def look_in_a_transaction(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
        with without_statement_timeout(connection):
            yield from look(connection)

    return look_in_a_transaction


def run(name: str, look: Look, connection: psycopg.Connection[Any]) -> Check:
    """Make one check; if the login is not allowed to see something, that is reported and is not a failure."""
    check = Check(name)
    try:
        for result in look(connection):
            if isinstance(result, Finding):
                check.findings.append(result)
            else:
                check.notes.append(result.text)
    except psycopg.ProgrammingError as error:
        check.not_looked = error.diag.message_primary or str(error)
    return check
