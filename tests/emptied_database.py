"""One database per worker, emptied for each test in milliseconds: a new clone would take much longer."""

import os
import time
from typing import Self

import psycopg
from harness import POLL_SECONDS
from psycopg import sql
from psycopg.rows import scalar_row
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor
from warm_connections import WarmConnections

_DEADLINE_SECONDS = 15.0

_TABLES = """
    select c.oid::regclass::text from pg_class as c
    where c.relkind = 'r' and c.relname <> 'alembic_version'
        and c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""

# those that can be written
_COLUMNS = """
    select quote_ident(a.attname) from pg_attribute as a
    where a.attrelid = {}::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
"""

# those of the database, each with the column that tells initdb's rows, thousands of them, from ours
_CATALOGS = """
    select c.oid::regclass::text, (
        select a.attname::text from pg_attribute as a
        where a.attrelid = c.oid
            and a.attname in ('oid', 'objid', 'objoid', 'attrelid', 'indexrelid', 'starelid')
    )
    from pg_class as c
    where c.relkind = 'r' and c.relnamespace = 'pg_catalog'::regnamespace and not c.relisshared
"""

_SETTINGS = "pg_db_role_setting"
_OF_THIS_DATABASE = "where c.setdatabase = (select oid from pg_database where datname = current_database())"

# How many rows of the database's own catalogs were ever written, and its settings: much cheaper than a look.
# A connection's writes count once it has ended, or was told to report them.
_WRITTEN = f"""
    select
        sum(
            pg_stat_get_tuples_inserted(c.oid) + pg_stat_get_tuples_updated(c.oid)
            + pg_stat_get_tuples_deleted(c.oid)
        ),
        (select array_agg(c.xmin::text) from {_SETTINGS} as c {_OF_THIS_DATABASE})
    from pg_class as c
    where c.relkind = 'r' and c.relnamespace = 'pg_catalog'::regnamespace and not c.relisshared
"""

# the others whom it ends; besides, this connection reports what it has written
_END_OTHERS = """
    select array_agg(a.pid) as ended, count(pg_terminate_backend(a.pid)), pg_stat_force_next_flush()
    from pg_stat_activity as a
    where a.datname = current_database() and a.backend_type = 'client backend'
        and a.pid <> pg_backend_pid() and a.pid <> all(%s)
"""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class EmptiedDatabase:
    """A clone of the worker's template; cloned again when a test has changed more than rows."""

    connection: psycopg.Connection
    """A superuser's, in autocommit."""
    warm: WarmConnections
    """Of others, which stay open."""

    def __init__(self, server: NoopExecutor) -> None:
        self._login = {
            "dbname": server.dbname,
            "user": server.user,
            "host": server.host,
            "port": server.port,
            "password": server.password,
        }
        self._janitor = DatabaseJanitor(
            **self._login,
            template_dbname=server.template_dbname,
            maintenance_dbname=server.maintenance_dbname,
        )

    def __enter__(self) -> Self:
        self._janitor.init()
        self.connection = psycopg.connect(**self._login, autocommit=True)
        # emptying throws away all plans of its connection, and that of looking takes longer than to look
        self._lookout = psycopg.connect(**self._login, autocommit=True)
        self.warm = WarmConnections(self._login)
        self._emptying = self.script_of_rows()
        self._looking = self._query_of_looking().as_bytes(self._lookout)
        self._written_when_looked = self._written()
        self._as_cloned = self._look()
        self._size = self._size_now()
        return self

    def __exit__(self, *_: object) -> None:
        self.warm.close()
        self._lookout.close()
        self.connection.close()
        self._janitor.drop()

    def empty(self) -> None:
        """Leave nobody in it, connected or as a row, and every setting with its default."""
        self._end_other_connections()
        written = self._written()
        if written == self._written_when_looked or self._look() == self._as_cloned:
            self._written_when_looked = written
            self.connection.execute(self._emptying)
        else:
            self.renew()

    def renew(self) -> None:
        """Clone it again."""
        self.__exit__()
        self.__enter__()

    @property
    def is_bloated(self) -> bool:
        """Whether deleted rows, which nobody vacuums away, would slow down what comes."""
        return self._size_now() > 1.5 * self._size

    def _size_now(self) -> int:
        (size,) = self.connection.execute("select pg_database_size(current_database())").fetchone() or (0,)
        return int(size)

    def _end_other_connections(self) -> None:
        """What a failed test left behind may hold locks."""
        deadline = time.monotonic() + _DEADLINE_SECONDS
        ours = [self._lookout.info.backend_pid, *self.warm.pids]
        ending: set[int] = set()
        while (seen := self.connection.execute(_END_OTHERS, [ours]).fetchall()[0][0]) or self._exist(ending):
            ending.update(seen or [])
            if time.monotonic() > deadline:
                raise TimeoutError("The connections of the test before do not end")
            time.sleep(POLL_SECONDS)

    def _exist(self, pids: set[int]) -> bool:
        """Whether a process still exists: one that is listed no more closes its sockets a moment later.

        Until then, a server under test would make its next call over them. Nothing is known of processes
        elsewhere.
        """
        is_local = not self._login["host"] or self._login["host"].startswith(("/", "localhost", "127."))
        return is_local and any(map(_exists, pids))

    def script_of_rows(self) -> bytes:
        """SQL that puts back the rows that there are now, and deletes all others."""
        # past the triggers: the ledger lets nothing go
        steps = [sql.SQL("begin; set local session_replication_role = replica")]
        for table in map(sql.SQL, self._values(_TABLES)):
            steps.append(sql.SQL("delete from {}").format(table))
            (rows,) = self._values(sql.SQL("select jsonb_agg(t)::text from {} as t").format(table))
            if rows:
                refill = (
                    "insert into {0} ({1}) overriding system value"
                    " select {1} from jsonb_populate_recordset(null::{0}, {2})"
                )
                columns = sql.SQL(", ").join(
                    map(sql.SQL, self._values(sql.SQL(_COLUMNS).format(sql.Literal(table.as_string()))))
                )
                steps.append(sql.SQL(refill).format(table, columns, sql.Literal(rows)))
        return sql.SQL("; ").join([*steps, sql.SQL("commit")]).as_bytes(self.connection)

    def _query_of_looking(self) -> sql.Composed:
        # ages are counted from now: only their differences stay; the greatest one is that of initdb's rows
        look = """
            select
                count(*),
                nullif(min(age(c.xmin)), 2147483647)
                - (select age(n.xmin) from pg_namespace as n where n.nspname = 'wingman')
            from {} as c {}
        """
        catalogs = [(name, f"where c.{key} >= 16384" if key else "") for name, key in self._rows(_CATALOGS)]
        return sql.SQL(" union all ").join(
            sql.SQL(look).format(sql.SQL(catalog), sql.SQL(of_ours))
            for catalog, of_ours in [*catalogs, (_SETTINGS, _OF_THIS_DATABASE)]
        )

    def _written(self) -> object:
        """A value that differs after any write to a catalog, even one that was rolled back."""
        return self._lookout.execute(_WRITTEN, prepare=True).fetchone()

    def _look(self) -> list[tuple[int, int]]:
        """A value that differs after any change of a catalog: a row more, a row fewer, or a newer row."""
        return self._lookout.execute(self._looking, prepare=True).fetchall()

    def _rows(self, query: str) -> list[tuple[str, str | None]]:
        return self.connection.execute(query).fetchall()

    def _values(self, query: str | sql.Composed) -> list[str]:
        return self.connection.cursor(row_factory=scalar_row).execute(query).fetchall()
