"""The examples of the documents: what four people get answered in a short story, with readable ids and times.

It is told in one transaction that is rolled back, and reads the same whenever and wherever it is told.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from wingmanmatch.catalog.errors import CataloguedError

ANA: Final = "11111111-1111-4111-8111-111111111111"
BO: Final = "22222222-2222-4222-8222-222222222222"
CLEO: Final = "33333333-3333-4333-8333-333333333333"
NEWCOMER: Final = "44444444-4444-4444-8444-444444444444"
STRANGER: Final = "99999999-9999-4999-8999-999999999999"
_PEOPLE: Final = (ANA, BO, CLEO, NEWCOMER, STRANGER)

_BEGIN = datetime(2025, 8, 15, 9, 0, tzinfo=UTC)
_SESSION = datetime(2025, 8, 17, 15, 0, tzinfo=UTC)
_OTHER_SESSION = datetime(2025, 8, 24, 15, 0, tzinfo=UTC)

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
_TIME_IN_SENTENCE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC")
_SENTENCE_FORMAT = "%Y-%m-%d %H:%M UTC"

_PLACES = {
    ANA: {"lat": 38.7223, "lng": -9.1393, "city": "Lisbon"},
    BO: {"lat": 38.7155, "lng": -9.1422, "city": "Lisbon"},
    CLEO: {"lat": 38.7633, "lng": -9.1005, "city": "Lisbon"},
}
_PROFILES: Mapping[str, Mapping[str, Any]] = {
    ANA: {
        "first_name": "Ana",
        "experience_level": "intermediate",
        **_PLACES[ANA],
        "bio": "Coffee first, courage second.",
        "confidence_archetype": "Analyzer",
    },
    BO: {"first_name": "Bo", "experience_level": "beginner", **_PLACES[BO], "privacy_mode": "city_only"},
    CLEO: {
        "first_name": "Cleo",
        "experience_level": "intermediate",
        **_PLACES[CLEO],
        "confidence_archetype": "Sprinter",
    },
}

_NOT_MET_BY_ONE_ALONE = ("busy", "unsupported_isolation")
"""Refusals that need others, or another kind of transaction: they are raised as the functions raise them."""


class StoryError(Exception):
    """The database does not answer as the story goes."""


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
    """What DETAIL tells besides the name."""


@dataclass(frozen=True, slots=True)
class Examples:
    """All of them."""

    calls: Mapping[str, Sequence[Example]]
    """By function, at least one of each that the story calls."""
    refusals: Mapping[str, Refusal]
    """By name, in the order of the catalogue."""


def tell(connection: psycopg.Connection[Any], catalogue: Sequence[CataloguedError]) -> Examples:
    """Tell the story, and leave no trace of it.

    Args:
        connection: a superuser's, in autocommit, to a database at head that has no people.
        catalogue: all errors, each of which somebody in the story meets.

    Raises:
        StoryError: the database has people, or answers otherwise than the story goes.
        psycopg.errors.InsufficientPrivilege: the login may not act for the people of the story.
    """
    with connection.transaction(force_rollback=True):
        teller = _Teller(connection)
        _tell(teller)
        return teller.examples(catalogue)


class _Teller:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._cursor = connection.cursor(row_factory=tuple_row)
        self._cursor.execute("set local timezone = 'UTC'")
        if self._value("select exists (select from public.user_profiles)"):
            raise StoryError("The examples need a database without people")
        self._match_lifetime: timedelta = self._value("select t.match_lifetime from wingman.settings as t")
        self._start_lead: timedelta = self._value("select t.session_start_lead from wingman.settings as t")
        self._ids = {person: person for person in _PEOPLE}
        self._times: dict[datetime, datetime] = {}
        self._clock = _BEGIN
        self._calls: dict[str, list[Example]] = {}
        self._refusals: dict[str, tuple[str, dict[str, Any]]] = {}

    def write(self, statement: str, *values: Any) -> None:
        """What no caller can do."""
        self._cursor.execute(statement.encode(), values)

    def later(self, moment: datetime, after: timedelta) -> str:
        """A time that far from now, to the minute, which the examples show as ``moment``."""
        found = self._value("select date_trunc('minute', statement_timestamp() + %s, 'UTC')", after)
        self._times[found] = moment
        self._times[found - self._start_lead] = moment - self._start_lead
        return str(found.isoformat())

    def arrive_at(self, session_id: str, moment: datetime) -> None:
        """Let the time of a session come: ``moment`` in the examples."""
        self._cursor.execute(
            "update public.wingman_sessions set scheduled_time = statement_timestamp() where id = %s"
            " returning scheduled_time",
            [session_id],
        )
        row = self._cursor.fetchone()
        assert row is not None
        self._times[row[0]] = self._clock = moment

    def call(self, who: str | None, function: str, title: str | None = None, /, **arguments: Any) -> Any:
        """Call a function; with a title it becomes an example. Returns the answer as it is."""
        try:
            with self._connection.transaction():
                now, answer = self._call(who, function, arguments)
        except psycopg.Error as error:
            raise StoryError(f"{function} was refused: {error}") from error
        self._clock += timedelta(minutes=1)
        self._times[now] = self._clock
        self._times[now + self._match_lifetime] = self._clock + self._match_lifetime
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
        """Have a call refused, after ``first``; nothing stays of either."""
        try:
            with self._connection.transaction():
                if first:
                    first()
                self._call(who, function, arguments)
                raise StoryError(f"{function} was not refused as {name}")
        except psycopg.Error as error:
            self._note(name, error)

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
        """What has been told; the refusals that nobody met are made here."""
        for name in _NOT_MET_BY_ONE_ALONE:
            try:
                with self._connection.transaction():
                    self._cursor.execute("select wingman.raise_error(%s)", [name])
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
                number = len(self._ids) - len(_PEOPLE) + 1
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
            raise StoryError(f"{moment} is no time of the story") from None

    def _time_in_sentence(self, text: str) -> str:
        moment = datetime.strptime(text, _SENTENCE_FORMAT).replace(tzinfo=UTC)
        return self._time(moment).strftime(_SENTENCE_FORMAT)


def _tell(teller: _Teller) -> None:
    call, refused = teller.call, teller.refused
    for person in (ANA, BO, CLEO, NEWCOMER):
        teller.write("insert into auth.users (id) values (%s)", person)

    # they join
    call(ANA, "complete_profile", "A newcomer", **_PROFILES[ANA])
    call(BO, "complete_profile", "Somebody who hides where exactly they live", **_PROFILES[BO])
    call(CLEO, "complete_profile", "Few words", **_PROFILES[CLEO])
    call(ANA, "get_profile", "One's own")
    refused("not_authenticated", "nobody", "get_profile")
    refused("acting_for_another", ANA, "get_profile", user_id=BO)
    refused("user_not_found", None, "get_profile", user_id=STRANGER)
    refused("profile_incomplete", NEWCOMER, "create_automatic_match")
    refused("missing_argument", ANA, "get_match", match_id=None)
    refused("invalid_argument", ANA, "complete_profile", **{**_PROFILES[ANA], "bio": "b" * 401})

    # they are matched
    refused("invalid_radius", ANA, "create_automatic_match", max_radius_miles=101)
    refused(
        "rate_limited",
        ANA,
        "create_automatic_match",
        lambda: teller.write(
            "insert into wingman.rate_limits (user_id, bucket, spent_until)"
            " values (%s, 'automatic_match', statement_timestamp() + interval '1 hour')",
            ANA,
        ),
    )
    refused(
        "read_only_transaction",
        ANA,
        "create_automatic_match",
        lambda: teller.write("set transaction read only"),
    )
    declined = call(ANA, "create_automatic_match", "Somebody was found", max_radius_miles=25)["match_id"]
    call(ANA, "explain_match", "To the one who searched", match_id=declined)
    refused("match_not_found", ANA, "get_match", match_id=STRANGER)
    refused("not_match_participant", CLEO, "get_match", match_id=declined)
    refused("invalid_action", ANA, "respond_to_match", match_id=declined, action="maybe")
    refused(
        "match_expired",
        ANA,
        "respond_to_match",
        lambda: teller.write(
            "update public.wingman_matches set created_at = created_at - interval '3 days',"
            " expires_at = expires_at - interval '3 days' where id = %s",
            declined,
        ),
        match_id=declined,
        action="accept",
    )
    answer = call(
        ANA, "respond_to_match", "Declined: the next match comes along", match_id=declined, action="decline"
    )
    refused("match_already_resolved", BO, "respond_to_match", match_id=declined, action="accept")
    match_id = answer["next_match"]["match_id"]
    call(CLEO, "get_match", "Pending, as the one who was found sees it", match_id=match_id)
    call(CLEO, "respond_to_match", "Accepted", match_id=match_id, action="accept")
    call(ANA, "list_matches", "All, newest first", page_size=10)
    call(ANA, "why_no_match", "Nobody is left", max_radius_miles=10)
    call(BO, "create_automatic_match", "Nobody was found", max_radius_miles=1)

    # they arrange to meet
    place = {"venue_name": "Corner Café", "notes": "The table by the window"}
    soon = teller.later(_SESSION, timedelta(days=2))
    refused("invalid_schedule", ANA, "create_session", match_id=match_id, scheduled_time="yesterday", **place)
    refused("match_not_accepted", ANA, "create_session", match_id=declined, scheduled_time=soon, **place)
    session = call(ANA, "create_session", "Arranged", match_id=match_id, scheduled_time=soon, **place)["id"]
    refused("active_session_exists", CLEO, "create_session", match_id=match_id, scheduled_time=soon, **place)
    refused("too_early", CLEO, "start_session", session_id=session)
    refused("session_not_started", ANA, "confirm_session_completion", session_id=session)
    refused("session_not_found", ANA, "get_session", session_id=STRANGER)
    refused("not_session_participant", BO, "get_session", session_id=session)

    # they meet
    teller.arrive_at(session, _SESSION)
    call(CLEO, "start_session", "In progress", session_id=session)
    refused("self_confirmation", ANA, "confirm_session_completion", session_id=session, buddy_user_id=ANA)
    refused("buddy_not_in_session", ANA, "confirm_session_completion", session_id=session, buddy_user_id=BO)
    call(ANA, "confirm_session_completion", "The first of the two", session_id=session)
    refused("already_confirmed", ANA, "confirm_session_completion", session_id=session)
    call(
        CLEO,
        "confirm_session_completion",
        "The second, who names the buddy",
        session_id=session,
        buddy_user_id=ANA,
    )
    call(ANA, "get_session", "Completed", session_id=session)
    call(ANA, "list_sessions", "The completed ones", status="completed")
    call(ANA, "get_match_history", "From the offer to the completion", match_id=match_id)
    call(ANA, "get_reputation", "The buddy's", subject_id=CLEO)
    refused("reputation_not_visible", ANA, "get_reputation", subject_id=BO)
    refused("invalid_session_state", ANA, "cancel_session", session_id=session)

    # they part
    again = teller.later(_OTHER_SESSION, timedelta(days=7))
    other = call(ANA, "create_session", match_id=match_id, scheduled_time=again, venue_name="City Park")["id"]
    call(CLEO, "cancel_session", "Cancelled", session_id=other, reason="I have a cold")
    refused("session_not_confirmable", ANA, "confirm_session_completion", session_id=other)
    call(ANA, "end_match", "Ended", match_id=match_id)
    key = {"idempotency_key": "6b0d5c1e-pause"}
    call(ANA, "pause_matching", "With a key, so that it can be sent again", **key)
    refused("idempotency_key_reused", ANA, "resume_matching", **key)
    refused("idempotency_key_invalid", ANA, "resume_matching", idempotency_key="")
    refused("matching_paused", ANA, "create_automatic_match")
    call(ANA, "resume_matching", "Back again")
    call(ANA, "report_user", "For the operators", subject_id=BO, reason="Was rude in the messages")
    call(ANA, "block_user", "Kept apart from now on", subject_id=BO)
    call(ANA, "unblock_user", "Taken back", subject_id=BO)
