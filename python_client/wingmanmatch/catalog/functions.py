"""The API functions as PostgreSQL's catalog describes them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from psycopg import Connection
from psycopg.rows import tuple_row

from wingmanmatch.catalog.value_sets import ValueSets, defined, explained, one_line

_QUERY = """
with recursive api as (
    select p.*
    from pg_catalog.pg_proc as p
    where p.pronamespace = 'public'::regnamespace and p.prokind = 'f'
        and pg_catalog.pg_get_userbyid(p.proowner) = 'wingman_owner'
        and pg_catalog.has_function_privilege('authenticated', p.oid, 'execute')
        -- what policies call is no function of the API
        and p.prorettype <> 'trigger'::regtype
),

results as (
    select p.prorettype as type
    from api as p
    union
    select coalesce(nullif(e.typelem, 0), a.atttypid)
    from results as r
    inner join pg_catalog.pg_type as t on t.oid = r.type
    inner join pg_catalog.pg_attribute as a on a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    inner join pg_catalog.pg_type as e on e.oid = a.atttypid
)

select
    (
        select coalesce(json_agg(json_build_object(
            'name', t.typname,
            'comment', pg_catalog.obj_description(t.oid, 'pg_type'),
            'attributes', (
                select json_agg(json_build_object(
                    'name', a.attname,
                    'type', pg_catalog.format_type(coalesce(nullif(e.typelem, 0), a.atttypid), null),
                    'is_array', e.typelem <> 0 and e.typlen = -1,
                    'comment', pg_catalog.col_description(a.attrelid, a.attnum)
                ) order by a.attnum)
                from pg_catalog.pg_attribute as a
                inner join pg_catalog.pg_type as e on e.oid = a.atttypid
                where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
            )
        ) order by t.typname), '[]')
        from results as r
        inner join pg_catalog.pg_type as t on t.oid = r.type and t.typtype = 'c'
    ),
    (
        select coalesce(json_agg(json_build_object(
            'name', p.proname,
            'comment', pg_catalog.obj_description(p.oid, 'pg_proc'),
            'writes', p.provolatile = 'v',
            'returns_set', p.proretset,
            'result', pg_catalog.format_type(p.prorettype, null),
            'roles', (
                select json_agg(g.role order by g.role)
                from (
                    select pg_catalog.pg_get_userbyid(x.grantee) as role
                    from pg_catalog.aclexplode(p.proacl) as x
                    where x.privilege_type = 'EXECUTE' and x.grantee <> p.proowner
                ) as g
            ),
            'arguments', (
                select json_agg(json_build_object(
                    'name', p.proargnames[i],
                    'type', pg_catalog.format_type(coalesce(nullif(e.typelem, 0), e.oid), null),
                    'is_array', e.typelem <> 0 and e.typlen = -1,
                    'default', pg_catalog.pg_get_function_arg_default(p.oid, i)
                ) order by i)
                from generate_series(1, p.pronargs) as i
                inner join pg_catalog.pg_type as e on e.oid = p.proargtypes[i - 1]
            )
        ) order by p.proname), '[]')
        from api as p
    ),
    (
        select coalesce(json_agg(d.description order by d.objoid, d.objsubid), '[]')
        from pg_catalog.pg_description as d
        inner join pg_catalog.pg_class as c on c.oid = d.objoid
        where d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid > 0
            and c.relnamespace = 'public'::regnamespace
            and pg_catalog.pg_get_userbyid(c.relowner) = 'wingman_owner'
    ),
    -- a vocabulary defines the sets of its words
    (
        select coalesce(json_agg(d.description order by p.proname), '[]')
        from pg_catalog.pg_description as d
        inner join pg_catalog.pg_proc as p on p.oid = d.objoid
        inner join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where d.classoid = 'pg_catalog.pg_proc'::regclass and n.nspname = 'wingman'
            and pg_catalog.pg_get_userbyid(p.proowner) = 'wingman_owner'
    )
"""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a composite type."""

    name: str
    type: str
    """The type's name as PostgreSQL writes it; for an array, the type of its elements."""
    is_array: bool
    nullable: bool
    """Whether it may be null, as its comment says at the end."""
    comment: str
    value_set: str | None = None
    """The closed set that its values come from, if there is one."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite type that results consist of."""

    name: str
    attributes: tuple[Attribute, ...]
    comment: str


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a function."""

    name: str
    type: str
    """The type's name as PostgreSQL writes it; for an array, the type of its elements."""
    is_array: bool
    default: str | None
    """The default as an SQL expression; null: the argument must be given."""
    comment: str
    value_set: str | None = None
    """The closed set that its values come from, if there is one."""

    @property
    def required(self) -> bool:
        """Whether a call must name it."""
        return self.default is None

    @property
    def sql_type(self) -> str:
        """Its type as PostgreSQL writes it."""
        return f"{self.type}[]" if self.is_array else self.type

    @property
    def is_time(self) -> bool:
        """Whether its values are points in time."""
        return self.type == "timestamp with time zone"

    @property
    def default_value(self) -> str | int | bool | None:
        """The default as a value; null also if there is none.

        Raises:
            ValueError: the expression is more than a constant.
        """
        if self.default is None or self.default.upper().startswith("NULL"):
            return None
        if self.default in ("true", "false"):
            return self.default == "true"
        constant = re.fullmatch(r"(?:'(?P<text>[^']*)'(?:::[\w ]+)?)|(?P<number>-?\d+)", self.default)
        if constant is None:
            raise ValueError(f"The default of {self.name} is not a constant: {self.default}")
        return constant["text"] if constant["number"] is None else int(constant["number"])

    @property
    def takes_null(self) -> bool:
        """Whether it accepts null: it does if null is its default."""
        return not self.required and self.default_value is None


@dataclass(frozen=True)
class Function:
    """One API function."""

    name: str
    arguments: tuple[Argument, ...]
    result: Composite
    returns_set: bool
    writes: bool
    roles: tuple[str, ...]
    """Who may execute it."""
    errors: tuple[str, ...]
    """The names of its catalogued errors, as its comment gives them."""
    summary: str
    """What it does."""
    result_comment: str
    """What its result says."""

    @cached_property
    def by_argument(self) -> Mapping[str, Argument]:
        """Its arguments by name."""
        return {argument.name: argument for argument in self.arguments}

    @cached_property
    def required(self) -> frozenset[str]:
        """The names of the arguments that a call must give."""
        return frozenset(argument.name for argument in self.arguments if argument.required)


@dataclass(frozen=True)
class Catalog:
    """All functions, and the types of what they return."""

    functions: Mapping[str, Function]
    types: Mapping[str, Composite]
    value_sets: ValueSets

    @cached_property
    def answers(self) -> frozenset[str]:
        """The names of the types that writing functions return."""
        return frozenset(function.result.name for function in self.functions.values() if function.writes)


def read_catalog(connection: Connection[Any]) -> Catalog:
    """Read the API from a database at head. Any login can: the catalog is readable by all.

    Raises:
        ValueError: a comment does not explain every argument, or a set of values is not defined once.
    """
    row = connection.cursor(row_factory=tuple_row).execute(_QUERY).fetchone()
    if row is None:
        raise ValueError("PostgreSQL gave no catalog")
    types_given, functions_given, comments, of_engine = row
    value_sets = defined([*comments, *of_engine, *(given["comment"] for given in functions_given)])
    types = {given["name"]: _composite(given, value_sets) for given in types_given}
    functions = {given["name"]: _function(given, types, value_sets) for given in functions_given}
    return Catalog(functions, types, value_sets)


def _composite(given: Mapping[str, Any], value_sets: ValueSets) -> Composite:
    attributes = (_attribute(attribute, value_sets) for attribute in given["attributes"])
    return Composite(given["name"], tuple(attributes), one_line(given["comment"] or ""))


def _attribute(given: Mapping[str, Any], value_sets: ValueSets) -> Attribute:
    comment = one_line(given["comment"] or "")
    told, value_set = explained(comment.removesuffix("(nullable)").strip(), value_sets)
    nullable = comment.endswith("(nullable)")
    return Attribute(given["name"], given["type"], given["is_array"], nullable, told, value_set)


def _function(given: Mapping[str, Any], types: Mapping[str, Composite], value_sets: ValueSets) -> Function:
    names = [argument["name"] for argument in given["arguments"]]
    told = _parts(given["comment"], names)
    return Function(
        given["name"],
        tuple(
            Argument(
                argument["name"],
                argument["type"],
                argument["is_array"],
                argument["default"],
                *explained(told[argument["name"]], value_sets),
            )
            for argument in given["arguments"]
        ),
        types[given["result"].removeprefix("public.")],
        given["returns_set"],
        given["writes"],
        tuple(given["roles"]),
        tuple(re.findall(r"[a-z_]+", told["Errors"])),
        told[""],
        told["Result"],
    )


def _parts(comment: str, names: list[str]) -> dict[str, str]:
    """A function's comment: what it does, what each argument is, its result and its errors."""
    headings = "|".join([*map(re.escape, names), "Result", "Errors"])
    pieces = re.split(rf"(?:(?<=\.\s)|(?<=\n)|^)({headings}):\s", comment, flags=re.M)
    told = {"": pieces[0], **dict(zip(pieces[1::2], pieces[2::2], strict=True))}
    missing = [heading for heading in [*names, "Result", "Errors"] if heading not in told]
    if missing:
        raise ValueError(f"A comment does not explain {', '.join(missing)}: {json.dumps(comment)}")
    return {heading: one_line(text) for heading, text in told.items()}
