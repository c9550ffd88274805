"""The registry of personal data: whose data each column holds, and what becomes of it."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

_QUERY = """
select
    i.table_name, pg_catalog.array_agg(i.column_name order by i.place),
    i.whose, i.withheld, i.at_erasure, i.reason
from (select d.*, pg_catalog.row_number() over () as place from wingman.data_inventory as d) as i
where i.whose <> 'impersonal'
group by i.table_name, i.whose, i.withheld, i.at_erasure, i.reason
order by min(i.place)
"""


@dataclass(frozen=True, slots=True)
class PersonalColumns:
    """Columns of one table of which the registry says the same."""

    table: str
    columns: tuple[str, ...]
    whose: str
    """``own`` or ``another``."""
    withheld: str | None
    """Whom they are kept from, or why they are in no export."""
    at_erasure: str
    """``deleted``, ``pseudonymised`` or ``kept``."""
    reason: str | None
    """Why, unless they are deleted."""


def read_inventory(connection: Connection[Any]) -> tuple[PersonalColumns, ...]:
    """Read what is about people, in the registry's order. Only the owner and a superuser may."""
    found = connection.cursor(row_factory=tuple_row).execute(_QUERY)
    return tuple(PersonalColumns(table, tuple(columns), *rest) for table, columns, *rest in found)
