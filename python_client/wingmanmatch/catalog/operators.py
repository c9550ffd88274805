"""What a login may use of schema ``wingman_admin``, as the catalog describes it."""

import re
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import args_row

from wingmanmatch.catalog.value_sets import one_line

_FUNCTIONS = """
select
    p.proname,
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    p.proargnames[:p.pronargs],
    p.pronargs - p.pronargdefaults,
    p.proretset,
    p.provolatile = 'v'
from pg_catalog.pg_proc as p
where p.pronamespace = 'wingman_admin'::pg_catalog.regnamespace
    and pg_catalog.has_schema_privilege(p.pronamespace, 'usage')
    and pg_catalog.has_function_privilege(p.oid, 'execute')
order by p.proname collate "C"
"""

_VIEWS = """
select
    c.relname,
    pg_catalog.obj_description(c.oid, 'pg_class'),
    a.names,
    a.times[1],
    pg_catalog.pg_get_viewdef(c.oid) ~ 'ORDER BY [^()]+;$'
from pg_catalog.pg_class as c
cross join lateral (
    select
        array_agg(a.attname::text order by a.attnum) as names,
        array_agg(a.attname::text order by a.attnum) filter (where a.atttypid in (1184, 1082)) as times
    from pg_catalog.pg_attribute as a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) as a
where c.relnamespace = 'wingman_admin'::pg_catalog.regnamespace and c.relkind = 'v'
    and pg_catalog.has_schema_privilege(c.relnamespace, 'usage')
    and pg_catalog.has_table_privilege(c.oid, 'select')
order by c.relname collate "C"
"""


@dataclass(frozen=True, slots=True)
class UsableFunction:
    """A function that the login may call."""

    name: str
    comment: str
    arguments: tuple[str, ...]
    required: tuple[str, ...]
    """Those of the arguments that have no default."""
    returns_set: bool
    writes: bool


@dataclass(frozen=True, slots=True)
class UsableView:
    """A view that the login may read."""

    name: str
    comment: str
    columns: tuple[str, ...]
    time: str | None
    """The first column that is a time or a date, if there is one."""
    is_ordered: bool
    """Whether the view puts its rows in order."""


def usable_functions(connection: Connection[Any]) -> dict[str, UsableFunction]:
    """The functions that the login may call, by name.

    Raises:
        psycopg.errors.InvalidSchemaName: WingmanMatch is not installed.
    """

    def function(
        name: str, comment: str | None, arguments: list[str], required: int, returns_set: bool, writes: bool
    ) -> UsableFunction:
        names = tuple(arguments or ())
        return UsableFunction(name, comment or "", names, names[:required], returns_set, writes)

    found = connection.cursor(row_factory=args_row(function)).execute(_FUNCTIONS)
    return {one.name: one for one in found}


def usable_views(connection: Connection[Any]) -> dict[str, UsableView]:
    """The views that the login may read, by name.

    Raises:
        psycopg.errors.InvalidSchemaName: WingmanMatch is not installed.
    """

    def view(
        name: str, comment: str | None, columns: list[str], time: str | None, is_ordered: bool
    ) -> UsableView:
        return UsableView(name, comment or "", tuple(columns), time, is_ordered)

    found = connection.cursor(row_factory=args_row(view)).execute(_VIEWS)
    return {one.name: one for one in found}


def first_sentence(comment: str) -> str:
    """The first sentence of a comment, with its full stop."""
    first = re.split(r"(?<=\.)\s", one_line(comment), maxsplit=1)[0]
    return first if not first or first.endswith(".") else f"{first}."
