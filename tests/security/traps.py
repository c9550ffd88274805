"""Plants functions, operators, tables and types that a careless function would use instead of the real ones.

Each says so in a notice when it runs, which neither a rollback nor an exception handler takes back.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from harness import Connection, cluster_lock
from psycopg.rows import dict_row

SCHEMA = "hostile"
_SPRUNG = "sprung: "

_SPRING = f"""
    create function {SCHEMA}.spring(what pg_catalog.text) returns boolean language plpgsql
    as $$ begin raise notice '{_SPRUNG}% as %', what, current_user; return true; end $$;

    create function {SCHEMA}.trip() returns trigger language plpgsql
    as $$ begin perform {SCHEMA}.spring(tg_op || ' ' || tg_table_name); return null; end $$
"""

# What our functions may call by a bare name: those of PostgreSQL whose names stand in them, and our own. Text
# takes the place of a type that only stands for others, as anyelement does.
_FUNCTIONS = """
    with words as (
        select distinct w[1] as word
        from pg_proc as p
        cross join lateral (select coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)) as b (body)
        cross join regexp_matches(lower(b.body), '[a-z_][a-z_0-9]*', 'g') as w
        where p.proowner = 'wingman_owner'::regrole
    )
    select distinct on (p.proname, a.arguments)
        quote_ident(p.proname) as name,
        case p.provariadic when '"any"'::regtype then 'variadic text[]' else a.arguments end as arguments,
        case when p.proretset then 'setof ' else '' end
        || case r.typtype when 'p' then 'text' else format_type(r.oid, null) end as returns
    from pg_proc as p
    inner join pg_type as r on r.oid = p.prorettype
    cross join lateral (
        select
            coalesce(
                string_agg(
                    case t.typtype when 'p' then 'text' else format_type(t.oid, null) end, ', '
                    order by u.number
                ),
                ''
            ) as arguments,
            coalesce(bool_or(t.oid in ('internal'::regtype, 'cstring'::regtype)), false) as is_internal
        from unnest(p.proargtypes) with ordinality as u (oid, number)
        inner join pg_type as t on t.oid = u.oid
    ) as a
    where not a.is_internal
        and r.oid not in ('internal'::regtype, 'cstring'::regtype)
        and (
            p.proowner = 'wingman_owner'::regrole
            or (p.pronamespace = 'pg_catalog'::regnamespace and p.proname in (select words.word from words))
        )
"""

# The operators between types that our tables have or that our functions may meet.
_OPERATORS = """
    with types as (
        select distinct a.atttypid as oid
        from pg_attribute as a
        inner join pg_class as c on c.oid = a.attrelid and c.relowner = 'wingman_owner'::regrole
        where not a.attisdropped
        union
        select unnest('{jsonb, text, text[], uuid[], numeric, interval, bigint}'::regtype[])
    )
    select
        o.oprname as name,
        format_type(o.oprleft, null) as left_type,
        format_type(o.oprright, null) as right_type,
        format_type(o.oprresult, null) as result
    from pg_operator as o
    inner join pg_type as r on r.oid = o.oprresult and r.typtype = 'b'
    where o.oprnamespace = 'pg_catalog'::regnamespace
        and o.oprleft in (select types.oid from types)
        and o.oprright in (select types.oid from types)
"""

_TYPES = (
    "uuid",
    "text",
    "bool",
    "int2",
    "int4",
    "int8",
    "float8",
    "numeric",
    "timestamptz",
    "interval",
    "jsonb",
)

_TABLES = """
    select distinct on (c.relname)
        c.relname as name,
        string_agg(format('null::%s as %I', format_type(a.atttypid, null), a.attname), ', ' order by a.attnum)
            as columns
    from pg_class as c
    inner join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relkind in ('r', 'p', 'v', 'c')
        and (c.relowner = 'wingman_owner'::regrole or c.oid = 'auth.users'::regclass)
    group by c.relname, c.oid
    order by c.relname
"""


@contextmanager
def hostile_login(superuser: Connection) -> Iterator[Connection]:
    """A login that is a user like any other, with its own schema; every trap is planted in it."""
    server, name = os.environ["WINGMAN_TEST_DATABASE_URL"], f"hostile_of_{superuser.info.dbname}"
    with cluster_lock(server):
        superuser.execute(f"drop role if exists {name}")
        superuser.execute(f"create role {name} login in role authenticated")
    superuser.execute(f"alter role {name} set track_functions = 'all'")
    superuser.execute(f"create schema {SCHEMA} authorization {name}")
    superuser.execute(f"grant usage on schema {SCHEMA} to public")
    with psycopg.connect(superuser.info.dsn, user=name, autocommit=True, row_factory=dict_row) as connection:
        _plant(connection, superuser)
        yield connection
    superuser.execute(f"drop owned by {name} cascade")
    with cluster_lock(server):
        superuser.execute(f"drop role {name}")


def _plant(hostile: Connection, superuser: Connection) -> None:
    """Plant everything in the schema of a hostile login, and in its temporary schema."""
    with hostile.transaction():
        hostile.execute(_SPRING)
        for schema in (SCHEMA, "pg_temp"):
            hostile.execute("; ".join(_traps(schema, superuser)))


def _traps(schema: str, superuser: Connection) -> Iterator[str]:
    def rings(what: str, result: str = "null") -> str:
        spring = f"perform {SCHEMA}.spring('{what}')"
        return f"language plpgsql as $trap$ begin {spring}; return {result}; end $trap$"

    for row in superuser.execute(_FUNCTIONS):
        name, arguments, returns = row["name"], row["arguments"], row["returns"]
        body = rings(f"function {name}", "" if returns.startswith("setof") else "null")
        yield f"create function {schema}.{name}({arguments}) returns {returns} {body}"
    for number, row in enumerate(superuser.execute(_OPERATORS)):
        name, left, right, result = row["name"], row["left_type"], row["right_type"], row["result"]
        function = f"{schema}.operator_{number}"
        yield f"create function {function}({left}, {right}) returns {result} {rings(f'operator {name}')}"
        sides = f"function = {function}, leftarg = {left}, rightarg = {right}"
        yield f"create operator {schema}.{name} ({sides})"
    for row in superuser.execute(_TABLES):
        view = f"{schema}.{row['name']}"
        rows = f"select {row['columns']} where {SCHEMA}.spring('table {row['name']}')"
        yield f"create view {view} as {rows}"
        for verb in ("insert", "update", "delete"):
            yield (
                f"create trigger on_{verb} instead of {verb} on {view}"
                f" for each row execute function {SCHEMA}.trip()"
            )
    for name in _TYPES:
        yield f"create domain {schema}.{name} as pg_catalog.{name} check ({SCHEMA}.spring('type {name}'))"


class Alarm:
    """The traps that ran on a connection, and as which role."""

    def __init__(self, connection: Connection) -> None:
        self.rung: list[str] = []
        connection.add_notice_handler(self._hear)

    def _hear(self, notice: psycopg.errors.Diagnostic) -> None:
        message = notice.message_primary or ""
        if message.startswith(_SPRUNG):
            self.rung.append(message.removeprefix(_SPRUNG))
