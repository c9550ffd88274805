"""Everything that can be attacked, read from the catalog, so that new objects are included."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from harness import Connection

# Extensions' objects belong to somebody else.
_OURS = """
    (n.nspname = 'public' or n.nspowner = 'wingman_owner'::regrole)
    and not exists (select from pg_depend as d where d.objid = x.oid and d.deptype = 'e')
"""

_FUNCTIONS = f"""
    select
        n.nspname as schema,
        x.proname as name,
        x.prokind as kind,
        x.prosecdef as is_definer,
        x.prorettype = 'trigger'::regtype as is_trigger,
        x.provolatile = 'v' as is_volatile,
        coalesce(obj_description(x.oid, 'pg_proc'), '') as comment,
        array(
            select jsonb_build_object(
                'name', x.proargnames[a.number],
                'type', a.type::regtype,
                'has_default', a.number > x.pronargs - x.pronargdefaults,
                'is_variadic', x.provariadic <> 0 and a.number = x.pronargs
            )
            from unnest(x.proargtypes) with ordinality as a (type, number)
            order by a.number
        ) as arguments
    from pg_proc as x
    inner join pg_namespace as n on n.oid = x.pronamespace
    where {_OURS}
    order by 1, 2
"""

_RELATIONS = f"""
    select
        n.nspname as schema,
        x.relname as name,
        x.relkind as kind,
        array(
            select quote_ident(a.attname)
            from pg_attribute as a
            where a.attrelid = x.oid and a.attnum > 0 and not a.attisdropped
            order by a.attnum
        ) as columns,
        array(
            select quote_ident(a.attname)
            from pg_index as i
            inner join pg_attribute as a on a.attrelid = x.oid and a.attnum = any(i.indkey)
            -- the journal's partitions have the same key, each for itself
            where i.indisprimary
                and i.indrelid = case
                    when x.oid = 'wingman.events'::regclass then 'wingman.events_default'::regclass else x.oid
                end
        ) as key
    from pg_class as x
    inner join pg_namespace as n on n.oid = x.relnamespace
    where {_OURS} and x.relkind not in ('i', 'I', 'c', 't')
        -- the partitions of months are made as time goes by
        and (not x.relispartition or pg_get_expr(x.relpartbound, x.oid) = 'DEFAULT')
    order by 1, 2
"""


@dataclass(frozen=True)
class Argument:
    name: str
    type: str
    has_default: bool
    is_variadic: bool

    @property
    def null(self) -> str:
        kind = "text" if self.type == "anyelement" else self.type
        return f"{'variadic ' * self.is_variadic}null::{kind}"


@dataclass(frozen=True)
class Function:
    schema: str
    name: str
    kind: str
    is_definer: bool
    is_trigger: bool
    is_volatile: bool
    comment: str
    arguments: tuple[Argument, ...]

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"

    @cached_property
    def by_name(self) -> dict[str, Argument]:
        return {argument.name: argument for argument in self.arguments}

    @property
    def ids(self) -> list[str]:
        """Its arguments that take an id."""
        return [argument.name for argument in self.arguments if argument.type == "uuid"]

    @property
    def texts(self) -> list[str]:
        return [argument.name for argument in self.arguments if argument.type == "text"]

    @property
    def signature(self) -> str:
        return f"{self.qualified}({', '.join(argument.type for argument in self.arguments)})"

    @property
    def call_with_nulls(self) -> str:
        """A call that does nothing but what the function does for nulls."""
        return f"select {self.qualified}({', '.join(argument.null for argument in self.arguments)})"


@dataclass(frozen=True)
class Relation:
    schema: str
    name: str
    kind: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"


def functions(db: Connection) -> list[Function]:
    """Every function of ours."""
    return [
        Function(**{**row, "arguments": tuple(Argument(**found) for found in row["arguments"])})
        for row in db.execute(_FUNCTIONS)
    ]


def api(db: Connection) -> dict[str, Function]:
    """The functions of the front door by name."""
    return {function.name: function for function in functions(db) if function.schema == "public"}


def relations(db: Connection) -> list[Relation]:
    """Every table, view and sequence of ours."""
    found: list[dict[str, Any]] = db.execute(_RELATIONS).fetchall()
    return [Relation(**{**row, "columns": tuple(row["columns"]), "key": tuple(row["key"])}) for row in found]


def tables(db: Connection) -> list[Relation]:
    """Every table of ours that holds rows of people."""
    return [
        relation
        for relation in relations(db)
        if relation.kind in "rp" and relation.name not in ("alembic_version", "settings")
    ]
