"""Owners and privileges, which a restore may leave out: whose the objects are, and how to give them back."""

import re
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from wingmanmatch.database.connection import connect, without_statement_timeout
from wingmanmatch.database.fingerprint import Difference, against_release, compare
from wingmanmatch.tools.doctor.mending import mend

OWNER = "wingman_owner"
MEND = "wingman db grant"
"""The command that runs ``restore_rights``."""

# What the fingerprint leaves out: the months of the journal, and Alembic's table.
_OTHER_TABLES = """
    select 'relation ' || c.oid::regclass, c.relowner::regrole::text
    from pg_catalog.pg_class as c
    where
        c.relnamespace = to_regnamespace('wingman')
        and c.relkind = 'r'
        and (c.relispartition or c.oid = to_regclass('wingman.alembic_version'))
        and c.relname <> 'events_default'
        and c.relowner is distinct from to_regrole(%s)
    order by 1
"""
_PUBLIC = "schema public"


def wrong_owners(
    connection: psycopg.Connection[Any], expected: Mapping[str, str], actual: Mapping[str, str]
) -> list[Difference]:
    """The objects that belong to somebody else, schemas first: what is in one needs its owner."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        others = [
            Difference(item, "owner", OWNER, owner) for item, owner in cursor.execute(_OTHER_TABLES, [OWNER])
        ]
    found = [
        difference
        for difference in compare(expected, actual)
        if difference.facet == "owner" and difference.expected and difference.actual
    ]
    return sorted([*found, *others], key=lambda difference: not difference.item.startswith("schema "))


def as_if_owned(actual: Mapping[str, str], owners: list[Difference]) -> dict[str, str]:
    """What the objects would be once they had their owners, whose privileges change hands with them."""
    look = dict(actual)
    for item, _, expected, owner in owners:
        privileges = f"{item}: privileges"
        if expected and owner and f"{item}: owner" in look:
            look[f"{item}: owner"] = expected
            if privileges in look:
                theirs = re.sub(rf"(^|, ){re.escape(owner)} ", rf"\1{expected} ", look[privileges])
                look[privileges] = ", ".join(sorted(set(theirs.split(", "))))
    return look


def restore_rights(database_url: str) -> int:
    """Give every object the owner and the privileges of this release; returns how many statements that took.

    Raises:
        psycopg.Error: the server does not answer, or refused; nothing has changed.
    """
    with connect(database_url) as connection, without_statement_timeout(connection):
        # wingman_owner can be given what is in schema public only if it may make objects there
        differences = compare(*against_release(connection))
        mends = [mend(difference) for difference in differences if _is_privilege_in(difference, public=True)]
        mends += [mend(difference) for difference in wrong_owners(connection, *against_release(connection))]
        for statement in mends:
            connection.execute(statement)
        differences = compare(*against_release(connection))
        grants = [
            mend(difference) for difference in differences if _is_privilege_in(difference, public=False)
        ]
        for statement in grants:
            connection.execute(statement)
    return len(mends) + len(grants)


def _is_privilege_in(difference: Difference, *, public: bool) -> bool:
    return difference.facet == "privileges" and (difference.item == _PUBLIC) == public
