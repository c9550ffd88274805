"""What the page shows: rows of operators' views, as the login may read them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString
from uuid import UUID

from psycopg import Connection, sql

from wingmanmatch import __version__
from wingmanmatch.admin.problems import invalid
from wingmanmatch.catalog.operators import UsableFunction
from wingmanmatch.errors import PermissionDenied, StatementTimeout
from wingmanmatch.operating import call_function, not_an_operator, operators_functions, read_rows

DAYS: Final = (1, 7, 30, 90, 365)
"""The ranges of time to choose from."""
MOST_ROWS: Final = 100
"""How much of a queue the page shows."""
OFFERED: Final = (
    "cancel_session",
    "change_settings",
    "decide_no_show",
    "drop_delivery",
    "end_match",
    "lift_suspension",
    "mark_no_show",
    "requeue_delivery",
    "resolve_report",
    "revert_completion",
    "suspend_user",
    "take_report",
)
"""The functions that the page calls."""

_SESSION: Final[LiteralString] = """
select json_build_object(
    'login', session_user,
    'database', current_database(),
    'postgresql', split_part(current_setting('server_version'), ' ', 1)
)
"""
_REVISION: Final[LiteralString] = "select a.version_num from wingman.alembic_version as a"
_HAS_REVISION: Final[LiteralString] = "select to_regclass('wingman.alembic_version') is not null"

_OVERVIEW: Final[Mapping[str, LiteralString]] = {
    "funnel": """
        select to_json(f) from wingman_admin.match_funnel as f
        where f.offered_on > (statement_timestamp() at time zone 'UTC')::date - %s
        order by f.offered_on
    """,
    "completion": """
        select to_json(c) from wingman_admin.completion_rate_by_day as c
        where c.held_on > (statement_timestamp() at time zone 'UTC')::date - %s
        order by c.held_on
    """,
    "no_shows": "select to_json(n) from wingman_admin.no_show_counts as n",
    "reputation": "select to_json(r) from wingman_admin.reputation_distribution as r order by r.score",
    "queues": "select to_json(q) from wingman_admin.queue_counts as q",
    "readers": "select to_json(r) from wingman_admin.readers as r order by r.name",
    "deliveries": "select to_json(d) from wingman_admin.delivery_backlog as d",
    "maintenance": "select to_json(m) from wingman_admin.maintenance_backlog as m",
}
"""The parts of the overview, which read what is counted or waits; those with a parameter get the days."""
_WITHIN_SECONDS: Final[LiteralString] = "set local statement_timeout = '1s'"
"""How long each of them may take."""
_QUEUES: Final[Mapping[str, LiteralString]] = {
    "reports": "select to_json(r) from wingman_admin.report_queue as r limit %s",
    "no_shows": "select to_json(n) from wingman_admin.no_show_queue as n limit %s",
    "overdue_sessions": """
        select to_json(s) from wingman_admin.overdue_sessions as s
        order by s.scheduled_time, s.session_id limit %s
    """,
    "dead_deliveries": "select to_json(d) from wingman_admin.dead_deliveries as d limit %s",
}
_COUNTS: Final[LiteralString] = "select to_json(q) from wingman_admin.queue_counts as q"
_WAITING: Final[LiteralString] = (
    "select to_json(w) from wingman_admin.waiting_seekers as w order by w.longest"
)
_STANDING: Final[LiteralString] = "select to_json(s) from wingman_admin.standing as s"
_PLACES: Final[LiteralString] = "select to_json(p) from wingman_admin.waiting_places as p"
_SETTINGS: Final[LiteralString] = "select to_json(s) from wingman_admin.settings as s"
_HISTORY: Final[LiteralString] = "select to_json(h) from wingman_admin.settings_history as h limit %s"
_DECISIONS: Final[LiteralString] = (
    "select to_json(d) from wingman_admin.decisions as d order by d.id desc limit %s"
)
_OF_PERSON: Final[Mapping[str, LiteralString]] = {
    "decisions": """
        select to_json(d) from wingman_admin.decisions as d
        where d.subject_id = %(id)s order by d.id desc limit %(most)s
    """,
    "reports": """
        select to_json(r) from (
            (
                select * from wingman_admin.user_reports as a
                where a.subject_id = %(id)s order by a.id desc limit %(most)s
            )
            union all
            (
                select * from wingman_admin.user_reports as b
                where b.reporter_id = %(id)s order by b.id desc limit %(most)s
            )
        ) as r order by r.id desc limit %(most)s
    """,
    "no_show_reports": """
        select to_json(n) from (
            (
                select * from wingman_admin.no_show_reports as a
                where a.accused_id = %(id)s order by a.id desc limit %(most)s
            )
            union all
            (
                select * from wingman_admin.no_show_reports as b
                where b.reporter_id = %(id)s order by b.id desc limit %(most)s
            )
        ) as n order by n.id desc limit %(most)s
    """,
}
_PAGE: Final = 50


def session(connection: Connection[Any]) -> dict[str, Any]:
    """Who looks at which database, and what they may do there."""
    functions = usable(connection)
    (told,) = _rows(connection, _SESSION)
    revision = None
    if _rows(connection, _HAS_REVISION) == [True]:
        try:
            with connection.transaction():
                (revision,) = _rows(connection, _REVISION)
        except PermissionDenied:
            pass  # operators' logins may not read it
    return {
        "login": told["login"],
        "database": told["database"],
        "versions": {
            "wingmanmatch": __version__,
            "revision": revision,
            "postgresql": told["postgresql"],
        },
        "functions": {
            name: {"comment": one.comment, "arguments": one.arguments, "required": one.required}
            for name, one in functions.items()
            if name in OFFERED
        },
    }


def overview(connection: Connection[Any], days: int) -> dict[str, Any]:
    """What goes on, at a glance. A part that cannot be read, or not in time, is null, and named as missing.

    Most parts add up what the readers have counted and what they have not read yet, which takes long if they
    are far behind. The lag of the readers is a part, too.
    """
    told: dict[str, Any] = {}
    missing: dict[str, str] = {}
    for part, query in _OVERVIEW.items():
        try:
            with connection.transaction():
                connection.execute(_WITHIN_SECONDS)
                told[part] = _rows(connection, query, [days] if "%s" in query else [])
        except (PermissionDenied, StatementTimeout) as refusal:
            is_late = isinstance(refusal, StatementTimeout)
            told[part] = None
            missing[part] = "It takes too long at the moment" if is_late else refusal.message
            if len(missing) == len(_OVERVIEW):
                raise
    dead = [row["messages"] for row in told["deliveries"] or [] if row["state"] == "dead"]
    return {**told, "dead_letters": sum(dead), "missing": missing, "as_of": now()}


def waiting(connection: Connection[Any]) -> dict[str, Any]:
    """How long people have been waiting, and what keeps others from being matched."""
    return {
        "waiting": _rows(connection, _WAITING),
        "standing": _rows(connection, _STANDING),
        "as_of": now(),
    }


def places(connection: Connection[Any]) -> dict[str, Any]:
    """Where people wait."""
    return {"cells": _rows(connection, _PLACES), "as_of": now()}


def queues(connection: Connection[Any]) -> dict[str, Any]:
    """What waits for an operator, the most urgent first, and how much there is of each."""
    return {
        **{name: _rows(connection, query, [MOST_ROWS]) for name, query in _QUEUES.items()},
        "counts": {row["queue"]: row["waiting"] for row in _rows(connection, _COUNTS)},
    }


def people(connection: Connection[Any], search: str) -> list[Any]:
    """The people whom a search finds."""
    return call_function(connection, "find_users", {"search": search})


def person(connection: Connection[Any], user_id: UUID) -> dict[str, Any]:
    """One person."""
    (told,) = call_function(connection, "user_overview", {"user_id": user_id})
    values = {"id": user_id, "most": MOST_ROWS}
    return {
        "overview": told,
        **{name: _rows(connection, query, values) for name, query in _OF_PERSON.items()},
    }


def timeline(connection: Connection[Any], user_id: UUID, before: str | None) -> dict[str, Any]:
    """What happened to a person, newest first, and where to go on."""
    arguments = {"user_id": user_id, "page_size": _PAGE, **({"before": before} if before else {})}
    events = call_function(connection, "user_timeline", arguments)
    return {"events": events, "before": events[-1]["occurred_at"] if len(events) >= _PAGE else None}


def settings(connection: Connection[Any]) -> dict[str, Any]:
    """The settings, and how they were changed."""
    return {"settings": _rows(connection, _SETTINGS), "history": _rows(connection, _HISTORY, [MOST_ROWS])}


def decisions(connection: Connection[Any], limit: int) -> list[Any]:
    """What operators decided, newest first."""
    return _rows(connection, _DECISIONS, [limit])


def call(
    connection: Connection[Any], function: str, arguments: Mapping[str, object]
) -> tuple[bool, list[Any]]:
    """Call one of the functions that the page offers, once: whether it gives rows, and what it gives.

    Raises:
        Problem: the login may not, or the function has no such argument.
        WingmanError: the database refuses the call, or fails.
    """
    known = usable(connection).get(function)
    if known is None:
        raise PermissionDenied(f"permission denied for function {function}", sqlstate="42501")
    if unknown := [name for name in arguments if name not in known.arguments]:
        raise invalid(f"{function} takes {', '.join(known.arguments)}, not {unknown[0]!r}")
    # what is missing is null, which the function refuses by name
    given = {**dict.fromkeys(known.required), **arguments}
    return known.returns_set, call_function(connection, function, given)


def usable(connection: Connection[Any]) -> dict[str, UsableFunction]:
    """The functions that the login may call now.

    Raises:
        PermissionDenied: none; it is no operator's.
    """
    functions = operators_functions(connection)
    if not functions:
        raise not_an_operator(connection)
    return functions


def now() -> str:
    """The time."""
    return datetime.now(UTC).isoformat()


def _rows(
    connection: Connection[Any],
    query: LiteralString,
    parameters: Sequence[object] | Mapping[str, object] = (),
) -> list[Any]:
    return read_rows(connection, sql.SQL(query), parameters)
