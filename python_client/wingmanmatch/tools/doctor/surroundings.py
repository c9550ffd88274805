"""What surrounds the objects: defaults of databases and logins, and a pooler in front of the server."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import scalar_row, tuple_row

from wingmanmatch.database.connection import connect
from wingmanmatch.tools.doctor.report import Finding, Note
from wingmanmatch.tools.doctor.roles import API_ROLES, LOGIN

ISOLATION = "default_transaction_isolation"
READ_COMMITTED = "read committed"
READ_ONLY = "default_transaction_read_only"

_DEFAULTS = """
    select
        split_part(c.setting, '=', 1) as name, substr(c.setting, strpos(c.setting, '=') + 1) as value,
        coalesce(
            'role ' || quote_ident(r.rolname) || ' in database ' || quote_ident(d.datname),
            'role ' || quote_ident(r.rolname),
            'database ' || quote_ident(d.datname),
            'role all'
        ) as whose
    from pg_catalog.pg_db_role_setting as s
    cross join lateral unnest(s.setconfig) as c (setting)
    left join pg_catalog.pg_roles as r on r.oid = s.setrole
    left join pg_catalog.pg_database as d on d.oid = s.setdatabase
    where
        (s.setdatabase = 0 or d.datname = current_database())
        and (s.setrole = 0 or r.rolname = current_user or r.rolname = any (%s))
    order by whose
"""
_OF_THE_SERVER = """
    select setting, source
    from pg_catalog.pg_settings
    where name = %s and source not in ('default', 'database', 'user', 'database user', 'global')
"""


def look_at_isolation(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Do transactions begin at READ COMMITTED, the only level at which the writing functions work?"""
    yield from _look_at_default(connection, "isolation", ISOLATION, READ_COMMITTED)


def look_at_writes(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Can transactions write? On a standby they cannot, nor while a provider has switched writing off."""
    with connection.cursor(row_factory=scalar_row) as cursor:
        is_standby = cursor.execute("select pg_catalog.pg_is_in_recovery()").fetchone()
    if is_standby:
        yield Note("a standby: only calls that read are answered here")
    else:
        yield from _look_at_default(connection, "writes", READ_ONLY, "off")


def _look_at_default(
    connection: psycopg.Connection[Any], topic: str, setting: str, right: str
) -> Iterator[Finding]:
    """Has a default of the database, of a login or of the server the value that calls need?"""
    with connection.cursor(row_factory=tuple_row) as cursor:
        for name, value, whose in cursor.execute(_DEFAULTS, [[*API_ROLES, LOGIN]]):
            if name == setting and value != right:
                mend = f"alter {whose} reset {setting};"
                # otherwise the default itself would refuse it
                mend = f"begin read write; {mend} commit;" if setting == READ_ONLY else mend
                yield Finding(topic, f"{whose} has {setting} {value}", mend)
        for value, source in cursor.execute(_OF_THE_SERVER, [setting]):
            if value != right:
                mend = (
                    f"Take {setting} out of the URL and of PGOPTIONS."
                    if source == "client"
                    else f"alter system set {setting} = '{right}'; select pg_reload_conf();"
                )
                yield Finding(topic, f"{setting} is {value}, from the {source}", mend)


def look_at_safeupdate(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Does authenticator load safeupdate, as Supabase's does? Our statements obey its rule anyway."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        loaded = any(
            name.endswith("_preload_libraries") and "safeupdate" in value
            for name, value, _ in cursor.execute(_DEFAULTS, [[LOGIN]])
        )
    yield Note(f"{LOGIN} {'loads' if loaded else 'does not load'} it")


def look_at_pooler(connection: psycopg.Connection[Any], database_url: str) -> Iterator[Finding | Note]:
    """Is there a pooler in between? The server reports its process id; a pooler has reported another one."""
    pids = {_pid(connection) for _ in range(3)}
    if pids == {connection.info.backend_pid}:
        yield Note("none: a direct connection")
        return
    with connect(database_url, prepare_threshold=None) as other:
        shared = len(pids) > 1 or _pid(other) in pids
    if shared:
        yield Finding(
            "pooler",
            "There is a pooler in transaction mode in between: it does not keep the lock of a migration",
            "Give `wingman db` the URL of a direct connection, or of a pooler in session mode.",
        )
    else:
        yield Note("apparently one in session mode, which works for migrations")


def _pid(connection: psycopg.Connection[Any]) -> int:
    with connection.cursor(row_factory=scalar_row) as cursor:
        pid = cursor.execute("select pg_catalog.pg_backend_pid()").fetchone()
    assert isinstance(pid, int)
    return pid
