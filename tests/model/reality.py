"""The real database: calls through the client, its rows, and what only a superuser can do, even to time."""

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from harness import Connection, RpcError
from model import Caller, Rows
from model_matches import EXPOSURE_LIMIT
from model_no_shows import COOLDOWN_STEPS, NO_SHOW_MEMORY
from model_state import REPORT_COST, REPORT_LIMIT
from psycopg import Error, sql
from pydantic import BaseModel
from refusals import Refusal
from rows import lift_rate_limits
from wingmanmatch import SessionDetails, WingmanClient, WingmanError

# The grid cell and the ids of ledger, reports and events are the database's own business.
TABLES = {
    "user_profiles": ("select * from public.user_profiles", ("id",)),
    "user_locations": ("select * from public.user_locations", ("user_id",)),
    "matchmaking_pool": (
        "select user_id, waiting_since, paused, paused_automatically, unanswered_offers, exposures,"
        " cooldown_until, suspended, suspended_until, pending_match_id, pending_buddy_id, pending_until"
        " from wingman.matchmaking_pool",
        ("user_id",),
    ),
    "wingman_matches": ("select * from public.wingman_matches", ("id",)),
    "match_searches": ("select * from wingman.match_searches", ("match_id",)),
    "wingman_sessions": ("select * from public.wingman_sessions", ("id",)),
    "reputation_events": (
        "select session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows, created_at"
        " from wingman.reputation_events",
        ("session_id", "user_id", "kind", "created_at"),
    ),
    "earned_achievements": ("select * from wingman.earned_achievements", ("user_id", "name")),
    "operator_decisions": (
        "select subject_id, kind, details - 'until' as details, reason,"
        " login as decided_by, decided_at as created_at"
        " from wingman.operator_decisions where kind <> 'match_ended'",
        ("subject_id", "kind", "created_at"),
    ),
    "user_blocks": ("select * from public.user_blocks", ("blocker_id", "blocked_id")),
    "user_reports": (
        "select reporter_id, subject_id, reason, created_at from wingman.user_reports",
        ("created_at",),
    ),
    "no_show_reports": ("select * from wingman.no_show_reports", ("id",)),
    "suspensions": ("select * from wingman.suspensions", ("user_id",)),
    "rate_limits": (
        "select user_id, spent_until from wingman.rate_limits where bucket = 'report'",
        ("user_id",),
    ),
    "reminders": (
        "select due_at, kind, match_id, session_id, about from wingman.reminders",
        ("due_at", "kind", "match_id", "session_id"),
    ),
    "wingman_notifications": (
        "select id, user_id, kind, match_id, session_id, due_at, useful_until, created_at, read_at,"
        " is_limited from public.wingman_notifications",
        ("id",),
    ),
}

# A row that was written is newer than all others, and one that was deleted is missing from the count: while
# neither number changes, the rows are those that were read last.
_MOMENT_AND_VERSIONS = "select a.query_start, {} from pg_stat_get_activity(%s) as a".format(
    ", ".join(
        f"(select array[count(*), max(xmin::text::bigint)] from {query.partition(' from ')[2]}) as {table}"
        for table, (query, _) in TABLES.items()
    ).replace("%", "%%")
)


@dataclass(frozen=True)
class Refused:
    """How a call was refused: all that callers are promised."""

    name: str | None
    status: int | None
    sqlstate: str | None
    message: str
    argument: str | None
    state: dict[str, Any] | None

    @classmethod
    def by(cls, refusal: Refusal, answer: Any) -> "Refused":
        """How the model refuses: in the words of this answer, if they are among those that it may use."""
        said = answer.message if isinstance(answer, Refused) else None
        return cls(
            name=refusal.name,
            status=refusal.status,
            sqlstate=f"PT{refusal.status}",
            message=said if said in refusal.messages else refusal.messages[0],
            argument=refusal.context.get("argument"),
            state=refusal.context.get("state"),
        )


class Reality:
    """A database, used by many examples one after the other: by its superuser, by clients, by an operator."""

    def __init__(self, db: Connection, connection: Connection, operator: Connection) -> None:
        self._db = db
        self._connection = self._last_used = connection
        self._client = WingmanClient(connection=connection)
        self._operator = operator
        self._tables_with_times = _tables_with_times(db)
        self._versions: dict[str, Any] = {}
        self._rows: Rows = {}
        found = db.execute("select kind, message from wingman.notification_kinds()").fetchall()
        self.messages: dict[str, str] = {row["kind"]: row["message"] for row in found}
        lift_rate_limits(db)
        db.execute(
            "update wingman.settings set exposure_limit = %s, report_limit = %s, report_period = %s,"
            " no_show_memory = %s, cooldown_steps = %s::interval[]",
            [
                EXPOSURE_LIMIT,
                REPORT_LIMIT,
                _in_hours(REPORT_LIMIT * REPORT_COST),
                _in_hours(NO_SHOW_MEMORY),
                [_in_hours(step) for step in COOLDOWN_STEPS],
            ],
        )

    def call(self, function: str, caller: Caller, **arguments: Any) -> Any:
        """Call a function; the answer as dictionaries, or how it was refused."""
        self._last_used = self._connection
        person = self._client.as_service() if caller.is_service else self._client.as_user(str(caller.user_id))
        try:
            return _plain(getattr(person, function)(**arguments))
        except WingmanError as error:
            return Refused(
                name=error.name,
                status=error.status,
                sqlstate=error.sqlstate,
                message=error.message,
                argument=error.context.get("argument"),
                state=_state(error.context.get("state")),
            )

    def operate(self, function: str, **arguments: Any) -> Any:
        """Call a function of operators; the answer as a dictionary, or how it was refused."""
        self._last_used = self._operator
        query = sql.SQL("select * from wingman_admin.{}({})").format(
            sql.Identifier(function),
            sql.SQL(", ").join(
                sql.SQL("{} => {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in arguments
            ),
        )
        try:
            return self._operator.execute(query, arguments).fetchone()
        except Error as error:
            refusal = RpcError(error)
            return Refused(
                name=refusal.name,
                status=refusal.status,
                sqlstate=refusal.sqlstate,
                message=str(refusal.message),
                argument=refusal.detail.get("argument"),
                state=None,
            )

    def reputation_differences(self) -> list[dict[str, Any]]:
        """Profiles whose counters are not the sums of the ledger."""
        return self._operator.execute("select * from wingman_admin.reconcile_reputation()").fetchall()

    def run_readers(self, page: int) -> None:
        """Let the readers read all there is, at most so many events at a time, in one statement."""
        self._last_used = self._operator
        self._operator.execute(
            sql.SQL(
                "do $$ declare r wingman.reading; begin loop r := wingman.run_readers({page});"
                " exit when greatest(r.told, r.evaluated) < {page}; end loop; end $$"
            ).format(page=sql.Literal(page))
        )

    def now(self) -> datetime:
        return self._value("select statement_timestamp()")

    def moment_and_rows(self) -> tuple[datetime, Rows]:
        """The statement_timestamp() that the last call saw, and the present content of the tables."""
        pid = self._last_used.info.backend_pid
        (versions,) = self._db.execute(_MOMENT_AND_VERSIONS, [pid]).fetchall()
        moment = versions.pop("query_start")
        changed = [table for table, version in versions.items() if version != self._versions.get(table)]
        with self._db.pipeline() if changed else nullcontext():
            tables = {table: self._db.execute(TABLES[table][0]) for table in changed}
        for table, rows in tables.items():
            self._rows[table] = {_key(row, TABLES[table][1]): row for row in rows.fetchall()}
        self._versions = versions
        return moment, self._rows

    def set_acceptance(self, acceptance: str) -> None:
        self._db.execute("update wingman.settings set acceptance = %s", [acceptance])

    def set_notifications_per_day(self, most: int) -> None:
        self._db.execute("update wingman.settings set notifications_per_day = %s", [most])

    def sign_up(self, user_id: UUID) -> None:
        self._db.execute("insert into auth.users (id) values (%s)", [user_id])

    def delete_account(self, user_id: UUID) -> datetime:
        """Delete an account; returns when."""
        return self._value("delete from auth.users where id = %s returning statement_timestamp()", user_id)

    def remove_location(self, user_id: UUID) -> datetime:
        """Remove a location, as operators may; returns when."""
        return self._value(
            "delete from public.user_locations where user_id = %s returning statement_timestamp()", user_id
        )

    def grow_older(self, by: timedelta) -> None:
        """Let time pass: make everything that ever happened older."""
        # In one unit, since a day of an interval is not always 24 hours long.
        length = sql.Literal(f"{by // timedelta(microseconds=1)} microseconds")
        self._without_triggers(
            sql.SQL("update {} set {}").format(
                table,
                sql.SQL(", ").join(
                    sql.SQL(_OLDER[kind]).format(column=sql.Identifier(column), length=length)
                    for column, kind in columns.items()
                ),
            )
            for table, columns in self._tables_with_times
        )

    def forget_everything(self) -> None:
        """Empty every table of things that happened."""
        self._without_triggers(
            sql.SQL("delete from {}").format(table) for table, _ in self._tables_with_times
        )
        # else every look at a table would go through what all examples before have left in its file
        tables = sql.SQL(", ").join(table for table, _ in self._tables_with_times)
        self._db.execute(sql.SQL("vacuum {}").format(tables))
        self.set_acceptance("either")
        self.set_notifications_per_day(20)
        self.run_readers(1000)

    def _without_triggers(self, statements: Iterable[sql.Composed]) -> None:
        """Run statements past all triggers: these guard history against just this."""
        past_triggers = sql.SQL("set local session_replication_role = replica")
        with self._db.transaction():
            self._db.execute(sql.SQL("; ").join([past_triggers, *statements]))

    def _value(self, query: str, *arguments: Any) -> Any:
        row = self._db.execute(query, arguments).fetchone()
        assert row is not None
        return next(iter(row.values()))


def _in_hours(length: timedelta) -> str:
    """As the settings want it: a day of an interval is not always 24 hours long."""
    return f"{length // timedelta(hours=1)} hours"


_OLDER = {
    "timestamp with time zone": "{column} = {column} - {length}::interval",
    # what an event says of times to come
    "jsonb": "{column} = {column} || jsonb_strip_nulls(jsonb_build_object("
    "'expires_at', ({column} ->> 'expires_at')::timestamptz - {length}::interval,"
    " 'scheduled_time', ({column} ->> 'scheduled_time')::timestamptz - {length}::interval,"
    " 'earned_at', ({column} ->> 'earned_at')::timestamptz - {length}::interval))",
    "timestamp with time zone[]": "{column} = array("
    "select t - {length}::interval from unnest({column}) with ordinality as u (t, place) order by place)",
}


def _tables_with_times(db: Connection) -> list[tuple[sql.Identifier, dict[str, str]]]:
    """Every table that holds times, with the types of these columns: these record what happened."""
    found = db.execute(
        """
        select
            n.nspname,
            c.relname,
            json_object_agg(a.attname, format_type(a.atttypid, null)) as columns
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        inner join pg_attribute as a on a.attrelid = c.oid
        where n.nspname in ('public', 'wingman', 'auth')
            -- partitions by their parent: what grows older may belong into another one
            and c.relkind in ('r', 'p')
            and not c.relispartition
            -- how far readers have come, and what they have counted, goes on through all examples
            and c.relname not in ('readers', 'inbox_clock', 'session_statistics')
            and format_type(a.atttypid, null) = any (%s)
            and (a.atttypid <> 'jsonb'::regtype or c.oid = 'wingman.events'::regclass)
            and not a.attisdropped
        group by n.nspname, c.relname
        """,
        [[*_OLDER]],
    )
    return [(sql.Identifier(row["nspname"], row["relname"]), row["columns"]) for row in found]


def _plain(answer: BaseModel | list[Any]) -> Any:
    return [item.model_dump() for item in answer] if isinstance(answer, list) else answer.model_dump()


def _state(state: dict[str, Any] | None) -> dict[str, Any] | None:
    """The state of a session in a refusal, as get_session would answer it."""
    return None if state is None else SessionDetails.model_validate(state).model_dump()


def _key(row: dict[str, Any], columns: tuple[str, ...]) -> Any:
    return row[columns[0]] if len(columns) == 1 else tuple(row[column] for column in columns)
