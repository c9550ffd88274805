"""The catalog fingerprint: what a database holds of WingmanMatch, so that two databases can be compared."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row

_QUERY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


def fingerprint(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Everything that makes the database what it is: ``object: facet`` to definition, in order.

    Objects are those of schemas wingman and wingman_admin, what wingman_owner owns in schema public, and
    functions there that share a name with one of its own. Facets are definitions, owners, privileges,
    comments and flags. It is equal on PostgreSQL 15 to 18, except for views, which each version spells anew.
    """
    # Rolling back restores the path, also inside the caller's own transaction.
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        # With nothing else on the path every name is printed with its schema.
        cursor.execute("set local search_path = pg_catalog")
        cursor.execute(_QUERY)
        return {f"{item}: {facet}": value for item, facet, value in cursor}


def differences(expected: dict[str, str], actual: dict[str, str]) -> list[str]:
    """One text for every key whose definition is missing, unexpected or different."""
    told = []
    for key in sorted(expected.keys() | actual.keys()):
        if key not in actual:
            told.append(f"missing: {key}: {expected[key]}")
        elif key not in expected:
            told.append(f"unexpected: {key}: {actual[key]}")
        elif expected[key] != actual[key]:
            told.append(f"different: {key}\n  expected: {expected[key]}\n  actual: {actual[key]}")
    return told
