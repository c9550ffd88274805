"""Who may do what: owners, definers, search paths, grants and policies, as lines for a reviewer."""

from pathlib import Path
from typing import Any

from psycopg import Connection
from psycopg.rows import scalar_row

_QUERY = Path(__file__).with_suffix(".sql").read_bytes()


def read_privileges(connection: Connection[Any]) -> list[str]:
    """Everything that decides who may do what in a database, one line each."""
    with connection.transaction(), connection.cursor(row_factory=scalar_row) as cursor:
        # with nothing else on the path every name is printed with its schema
        cursor.execute("set local search_path = pg_catalog")
        return cursor.execute(_QUERY).fetchall()
