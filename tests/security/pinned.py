"""The pinned catalog: who may do what, in a file that a reviewer reads. Change it on purpose only:

python tests/security/pinned.py postgresql://…   # a database upgraded to head; writes catalog.txt anew
"""

import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import scalar_row

PINNED = Path(__file__).with_name("catalog.txt")
_QUERY = Path(__file__).with_name("catalog.sql").read_text(encoding="utf-8")


def catalog_lines(connection: psycopg.Connection[Any]) -> list[str]:
    """What decides who may do what in this database, a line for each thing."""
    with connection.transaction(), connection.cursor(row_factory=scalar_row) as cursor:
        # with nothing else on the path every name is printed with its schema
        cursor.execute("set local search_path = pg_catalog")
        return cursor.execute(_QUERY).fetchall()


if __name__ == "__main__":
    with psycopg.connect(sys.argv[1]) as database:
        PINNED.write_text("".join(f"{line}\n" for line in catalog_lines(database)), encoding="utf-8")
