"""The examples of the documents: the answers to four people in a short story, with readable ids and times.

It runs in one transaction that is rolled back, and gives the same text whenever and wherever it runs.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from wingmanmatch.catalog.errors import CataloguedError
from wingmanmatch.tools.generate.story import BEGIN, PEOPLE, tell_story

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_TIME_IN_SENTENCE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
_SENTENCE_FORMAT = "%Y-%m-%d %H:%M UTC"

_NOT_IN_THE_STORY: dict[str, dict[str, str]] = {
    "busy": {},
    "unsupported_isolation": {},
    "report_not_found": {},
    "report_already_decided": {"status": "resolved"},
    "report_not_taken": {},
    "no_show_answer_pending": {"time": "2025-08-26 18:30 UTC"},
    "user_not_suspended": {},
    "delivery_not_found": {},
    "delivery_not_dead": {"status": "sent"},
    "webhook_not_found": {},
    "webhook_not_disabled": {},
    "too_many_webhooks": {"limit": "8"},
}
"""Refusals, with their contexts, that need other transactions, other kinds of them, or an operator.

They are raised the way the functions raise them.
"""


class StoryError(Exception):
    """The database does not answer as the story expects."""


@dataclass(frozen=True, slots=True)
class Example:
    """A call that succeeded."""

    title: str
    arguments: Mapping[str, Any]
    """As JSON."""
    answer: Any
    """As JSON."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry of the error catalogue, with one call's refusal as the example."""

    name: str
    status: int
    template: str
    """The message; ``{word}`` is filled from the context."""
    hint: str
    message: str
    context: Mapping[str, Any]
    """What DETAIL contains besides the name."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All of them."""

    calls: Mapping[str, Sequence[Example]]
    """By function, at least one for each that the story calls."""
    refusals: Mapping[str, Refusal]
    """By name, in the order of the catalogue."""


def tell(connection: psycopg.Connection[Any], catalogue: Sequence[CataloguedError]) -> Examples:
    """Run the story, and leave no trace of it.

    Args:
        connection: a superuser's, in autocommit, to a database at head that has no people.
        catalogue: all errors, each of which somebody in the story meets.

    Raises:
        StoryError: the database has people, or does not answer as the story expects.
        psycopg.errors.InsufficientPrivilege: the login is not allowed to act for the people of the story.
    """
    with connection.transaction(force_rollback=True):
        teller = _Teller(connection)
        tell_story(teller)
        return teller.examples(catalogue)


class _Teller:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor(row_factory=tuple_row)
        self._cursor.execute("set local timezone = 'UTC'")
        if self._value("select exists (select from public.user_profiles)"):
            raise StoryError("The examples need a database without people")
        self._around_a_session: tuple[timedelta, ...] = tuple(
            self._value(
                "select array['0', - t.session_start_lead, t.no_show_grace,"
                " t.no_show_grace + t.no_show_window] from wingman.settings as t"
            )
        )
        self._after_a_call: tuple[timedelta, ...] = tuple(
            self._value(
                "select array['0', t.match_lifetime, t.no_show_answer_within, t.no_show_decide_within]"
                " from wingman.settings as t"
            )
        )
        self._ids = {person: person for person in PEOPLE}
        self._times: dict[datetime, datetime] = {}
        self._clock = BEGIN
        self._calls: dict[str, list[Example]] = {}
        self._refusals: dict[str, tuple[str, dict[str, Any]]] = {}

    def write(self, statement: str, *values: Any) -> None:
        """Write something that no caller can."""
        self._cursor.execute(statement.encode(), values)

    def later(self, moment: datetime, after: timedelta) -> str:
        """A time that far from now, rounded to the minute, which the examples show as ``moment``."""
        found = self._value("select date_trunc('minute', statement_timestamp() + %s, 'UTC')", after)
        self._remember(found, moment, self._around_a_session)
        return str(found.isoformat())

    def arrive_at(self, session_id: str, moment: datetime, late: timedelta = timedelta()) -> None:
        """Let the time of a session, ``moment`` in the examples, come, or be that long ago."""
        found, now = self._value(
            "update public.wingman_sessions"
            " set scheduled_time = date_trunc('minute', statement_timestamp() - %s, 'UTC') where id = %s"
            " returning array[scheduled_time, statement_timestamp()]",
            *(late, session_id),
        )
        self._clock = moment + late
        self._remember(found, moment, self._around_a_session)
        self._remember(now, self._clock, [timedelta()])

    def call(self, who: str | None, function: str, title: str | None = None, /, **arguments: Any) -> Any:
        """Call a function; with a title it becomes an example. Returns the answer as it is."""
        try:
            with self._connection.transaction():
                now, answer = self._call(who, function, arguments)
        except psycopg.Error as error:
            raise StoryError(f"{function} was refused: {error}") from error
        self._clock += timedelta(minutes=1)
        self._remember(now, self._clock, self._after_a_call)
        if title:
            shown = Example(title, self._shown(arguments), self._shown(answer))
            self._calls.setdefault(function, []).append(shown)
        return answer

    def refused(
        self,
        name: str,
        who: str | None,
        function: str,
        first: Callable[[], object] | None = None,
        /,
        **arguments: Any,
    ) -> None:
        """Make a call that is refused, after ``first``, and undo both."""
        try:
            with self._connection.transaction():
                if first:
                    first()
                self._call(who, function, arguments)
                raise StoryError(f"{function} was not refused as {name}")
        except psycopg.Error as error:
            self._note(name, error)

    def _remember(self, found: datetime, moment: datetime, distances: Iterable[timedelta]) -> None:
        for distance in distances:
            self._times[found + distance] = moment + distance

    def _call(self, who: str | None, function: str, arguments: Mapping[str, Any]) -> tuple[datetime, Any]:
        claims = {"sub": who, "role": "authenticated"} if who else {"role": "service_role"}
        self._cursor.execute(
            "select set_config('role', %s, true), set_config('request.jwt.claims', %s, true)",
            [claims["role"], json.dumps(claims)],
        )
        returns_set = self._value(
            "select p.proretset from pg_proc as p where p.oid = to_regproc(%s)",
            f"public.{function}",
        )
        self._cursor.execute(
            sql.SQL("select statement_timestamp(), to_json(f) from {}({}) as f").format(
                sql.Identifier("public", function),
                sql.SQL(", ").join(
                    sql.SQL("{} => {}").format(sql.Identifier(argument), sql.Literal(value))
                    for argument, value in arguments.items()
                ),
            )
        )
        rows = self._cursor.fetchall()
        self._cursor.execute("select set_config('role', 'none', true)")
        if not rows:
            raise StoryError(f"{function} returned nothing")
        return rows[0][0], [row[1] for row in rows] if returns_set else rows[0][1]

    def _note(self, name: str, error: psycopg.Error) -> None:
        detail = json.loads(error.diag.message_detail or "{}")
        if detail.pop("error", None) != name:
            raise StoryError(f"Refused otherwise than as {name}: {error}") from error
        self._refusals[name] = (self._shown(error.diag.message_primary), self._shown(detail))

    def examples(self, catalogue: Sequence[CataloguedError]) -> Examples:
        """The examples so far; the refusals that nobody met are made here."""
        for name, context in _NOT_IN_THE_STORY.items():
            try:
                with self._connection.transaction():
                    self._cursor.execute("select wingman.raise_error(%s, %s)", [name, Jsonb(context)])
            except psycopg.Error as error:
                self._note(name, error)
        missing = {entry.name for entry in catalogue} - self._refusals.keys()
        if missing:
            raise StoryError(f"Nobody in the story meets {', '.join(sorted(missing))}")
        refusals = {
            entry.name: Refusal(
                entry.name, entry.status, entry.message, entry.hint, *self._refusals[entry.name]
            )
            for entry in catalogue
        }
        return Examples({name: tuple(told) for name, told in self._calls.items()}, refusals)

    def _value(self, query: str, *values: Any) -> Any:
        row = self._cursor.execute(query.encode(), values).fetchone()
        assert row is not None
        return row[0]

    def _shown(self, value: Any) -> Any:
        """JSON with readable ids and times."""
        match value:
            case dict():
                return {name: self._shown(inner) for name, inner in value.items()}
            case list():
                return [self._shown(inner) for inner in value]
            case str() if _ID.fullmatch(value):
                number = len(self._ids) - len(PEOPLE) + 1
                return self._ids.setdefault(value, f"0198ad00-0000-7000-8000-{number:012}")
            case str() if _TIME.fullmatch(value):
                return self._time(datetime.fromisoformat(value)).isoformat()
            case str():
                return _TIME_IN_SENTENCE.sub(lambda found: self._time_in_sentence(found[0]), value)
        return value

    def _time(self, moment: datetime) -> datetime:
        try:
            return self._times[moment]
        except KeyError:
            if moment in self._times.values():
                return moment
            raise StoryError(f"{moment} is not a time of the story") from None

    def _time_in_sentence(self, text: str) -> str:
        moment = datetime.strptime(text, _SENTENCE_FORMAT).replace(tzinfo=UTC)
        return self._time(moment).strftime(_SENTENCE_FORMAT)
