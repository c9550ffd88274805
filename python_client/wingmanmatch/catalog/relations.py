"""What can be read without a function, as the catalog describes it: users' tables and operators' views."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from wingmanmatch.catalog.value_sets import ValueSets, explained, one_line

_RELATIONS = """
select
    c.relname,
    coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), ''),
    (
        select json_agg(json_build_object(
            'name', a.attname,
            'type', pg_catalog.format_type(a.atttypid, null),
            'nullable', not a.attnotnull,
            'comment', coalesce(pg_catalog.col_description(a.attrelid, a.attnum), '')
        ) order by a.attnum)
        from pg_catalog.pg_attribute as a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ),
    (
        select coalesce(json_agg(json_build_object('name', p.polname, 'roles', (
            select json_agg(r.rolname order by r.rolname)
            from pg_catalog.pg_roles as r
            where r.oid = any(p.polroles)
        )) order by p.polname), '[]')
        from pg_catalog.pg_policy as p
        where p.polrelid = c.oid
    ),
    (
        select coalesce(json_agg(json_build_object(
            'name', k.conname,
            'columns', (
                select json_agg(a.attname order by n.place)
                from unnest(k.conkey) with ordinality as n (number, place)
                inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = n.number
            ),
            'is_one_to_one', exists (
                select from pg_catalog.pg_index as i
                where i.indrelid = k.conrelid and i.indisunique and i.indpred is null
                    and string_to_array(i.indkey::text, ' ')::int2[] <@ k.conkey
            ),
            'to', t.relname,
            'to_columns', (
                select json_agg(a.attname order by n.place)
                from unnest(k.confkey) with ordinality as n (number, place)
                inner join pg_catalog.pg_attribute as a on a.attrelid = k.confrelid and a.attnum = n.number
            )
        ) order by k.conname), '[]')
        from pg_catalog.pg_constraint as k
        inner join pg_catalog.pg_class as t on t.oid = k.confrelid and t.relnamespace = c.relnamespace
        where k.conrelid = c.oid and k.contype = 'f'
    )
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as s on s.oid = c.relnamespace
where s.nspname = %s and c.relkind in ('r', 'p', 'v')
    and pg_catalog.pg_get_userbyid(c.relowner) = 'wingman_owner'
    and pg_catalog.has_table_privilege(%s, c.oid, 'select')
order by c.relname collate "C"
"""

_OPERATORS_FUNCTIONS = """
select
    p.proname,
    pg_catalog.pg_get_function_arguments(p.oid),
    pg_catalog.pg_get_function_result(p.oid),
    coalesce(pg_catalog.obj_description(p.oid, 'pg_proc'), '')
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as s on s.oid = p.pronamespace
where s.nspname = 'wingman_admin' and pg_catalog.has_function_privilege('wingman_admin', p.oid, 'execute')
order by p.proname collate "C"
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table or view."""

    name: str
    type: str
    """As PostgreSQL writes it."""
    nullable: bool
    """Whether it may be null; always true for a view's column, of which PostgreSQL does not know."""
    comment: str
    value_set: str | None
    """The closed set that its values come from, if there is one."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which rows some roles see; its name says it."""

    name: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A reference to another relation that can be read, too."""

    name: str
    columns: tuple[str, ...]
    is_one_to_one: bool
    to: str
    to_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or a view."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    policies: tuple[Policy, ...]
    foreign_keys: tuple[ForeignKey, ...]


@dataclass(frozen=True, slots=True)
class OperatorsFunction:
    """A function of schema ``wingman_admin``."""

    name: str
    arguments: str
    """As PostgreSQL writes them in a definition."""
    result: str
    comment: str


def read_tables(connection: Connection[Any], value_sets: ValueSets) -> tuple[Relation, ...]:
    """The tables of schema ``public`` of which users read rows."""
    return _read(connection, "public", "authenticated", value_sets)


def read_views(connection: Connection[Any], value_sets: ValueSets) -> tuple[Relation, ...]:
    """The views of schema ``wingman_admin``."""
    return _read(connection, "wingman_admin", "wingman_admin", value_sets)


def read_operators_functions(connection: Connection[Any]) -> tuple[OperatorsFunction, ...]:
    """The functions of schema ``wingman_admin``."""
    found = connection.cursor(row_factory=tuple_row).execute(_OPERATORS_FUNCTIONS)
    return tuple(
        OperatorsFunction(name, arguments, result, one_line(comment))
        for name, arguments, result, comment in found
    )


def _read(connection: Connection[Any], schema: str, role: str, value_sets: ValueSets) -> tuple[Relation, ...]:
    found = connection.cursor(row_factory=tuple_row).execute(_RELATIONS, [schema, role])
    return tuple(
        Relation(
            name,
            one_line(comment),
            tuple(
                Column(
                    given["name"],
                    given["type"],
                    given["nullable"],
                    *explained(given["comment"], value_sets),
                )
                for given in columns
            ),
            tuple(Policy(given["name"], tuple(given["roles"])) for given in policies),
            tuple(
                ForeignKey(
                    given["name"],
                    tuple(given["columns"]),
                    given["is_one_to_one"],
                    given["to"],
                    tuple(given["to_columns"]),
                )
                for given in foreign_keys
            ),
        )
        for name, comment, columns, policies, foreign_keys in found
    )
