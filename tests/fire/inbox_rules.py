"""What everybody must have been told, computed from the journal alone, and held against the inboxes."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from fire.effects import Violation
from harness import Connection

LOST = "nothing is lost"
TWICE = "nobody is told twice"
UNFOUNDED = "nobody is told what did not happen, or does not concern them"
ORDER = "ids grow in the order of commits"
REMINDED = "what is near is reminded of once"
HEARD = "a listener hears what its user is told, each once, in order"
Row = Mapping[str, Any]
Told = tuple[int, UUID, str, UUID | None, UUID | None]
"""Event, user, kind, match and session."""
Reminded = tuple[UUID, UUID, datetime]
"""User, session, and when the reminder was due."""

_EVENTS = """
    select id, xid::text, occurred_at, kind, match_id, session_id, user_id, details
    from wingman.events order by id
"""
_NOTIFICATIONS = """
    select
        w.id::text, w.user_id, w.kind, w.event_id, w.match_id, w.session_id, w.due_at,
        pg_xact_commit_timestamp(w.xmin) as committed_at
    from public.wingman_notifications as w order by w.id
"""


@dataclass(frozen=True)
class Books:
    """The rows of a database in which nobody is writing."""

    events: Sequence[Row]
    notifications: Sequence[Row]
    participants: Mapping[UUID, tuple[UUID, UUID]]
    """Of each match."""
    vocabulary: Mapping[str, Row]
    """Whom each kind of event is told to, and unless what is told."""
    reminded_before: timedelta
    looked_at: datetime
    """When the last reader ended."""


def read_books(db: Connection) -> Books:
    """Read them with a superuser's connection, after the last run of a reader."""
    now = db.execute(
        "select session_reminder_before as before, statement_timestamp() as now from wingman.settings"
    ).fetchone()
    assert now is not None
    matches = db.execute("select id, user1_id, user2_id from public.wingman_matches")
    kinds = db.execute("select kind, told_to, unless_told from wingman.event_kinds()")
    return Books(
        db.execute(_EVENTS).fetchall(),
        db.execute(_NOTIFICATIONS).fetchall(),
        {row["id"]: (row["user1_id"], row["user2_id"]) for row in matches},
        {row["kind"]: row for row in kinds},
        now["before"],
        now["now"],
    )


def due_to_be_told(books: Books) -> Counter[Told]:
    """By the rules of docs/inbox.md, which people are told which events."""
    acts: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for event in books.events:
        acts[_act(event)].append(event)
    told: Counter[Told] = Counter()
    for event in books.events:
        rule = books.vocabulary[event["kind"]]
        others = rule["unless_told"] or ()
        is_said_already = any(
            other["kind"] in others and (other["kind"] != event["kind"] or other["id"] < event["id"])
            for other in acts[_act(event)]
        )
        if event["match_id"] is not None and is_said_already:
            continue
        for user_id in _concerned(event, rule["told_to"], books):
            told[event["id"], user_id, event["kind"], event["match_id"], event["session_id"]] += 1
    return told


def _act(event: Row) -> tuple[Any, ...]:
    return event["match_id"], event["occurred_at"], event["xid"]


def _concerned(event: Row, told_to: str | None, books: Books) -> Iterable[UUID]:
    match told_to:
        case "participants":
            return {*books.participants[event["match_id"]]} - {event["user_id"]}
        case "user":
            is_automatic = (event["details"] or {}).get("automatically", True)
            return {event["user_id"]} if is_automatic else ()
    return ()


def judge_inboxes(books: Books) -> Iterator[Violation]:
    """What is wrong with the inboxes."""
    expected = due_to_be_told(books)
    found: Counter[Told] = Counter(
        (row["event_id"], row["user_id"], row["kind"], row["match_id"], row["session_id"])
        for row in books.notifications
        if row["event_id"] is not None
    )
    twice = Counter((event_id, user_id) for event_id, user_id, *_ in found.elements())
    yield from (Violation(LOST, str(one)) for one in (expected - found))
    yield from (Violation(TWICE, str(one)) for one, times in twice.items() if times > 1)
    yield from (Violation(UNFOUNDED, str(one)) for one in found if one not in expected)
    yield from _reminders(books)
    for one, other in pairwise(books.notifications):
        if one["committed_at"] > other["committed_at"]:
            yield Violation(ORDER, f"{one['id']} was committed after {other['id']}")


def reminders_due(books: Books) -> tuple[set[Reminded], set[Reminded]]:
    """Which reminders of sessions people must have had, and which they may have had.

    They must, if the session was arranged and agreed to, and nothing happened to it since; what is moved,
    cancelled or ended while its reminder is due may be told or not, whichever comes first.
    """
    of_session: dict[UUID, list[Row]] = defaultdict(list)
    for event in books.events:
        if event["session_id"] is not None:
            of_session[event["session_id"]].append(event)
    must, may = set(), set()
    for session_id, events in of_session.items():
        people = books.participants[events[0]["match_id"]]
        for event in events:
            at = (event["details"] or {}).get("scheduled_time")
            due = datetime.fromisoformat(at) - books.reminded_before if at else None
            if due is None or not event["occurred_at"] < due < books.looked_at:
                continue
            reminders = {(user_id, session_id, due) for user_id in people}
            may |= reminders
            if [one["kind"] for one in events] == ["session_scheduled", "session_agreed"]:
                must |= reminders if events[1]["occurred_at"] < due else set()
    return must, may


def _reminders(books: Books) -> Iterator[Violation]:
    must, may = reminders_due(books)
    rows = [row for row in books.notifications if row["event_id"] is None]
    found = Counter((row["user_id"], row["session_id"], row["due_at"]) for row in rows)
    yield from (Violation(REMINDED, f"never: {one}") for one in must - found.keys())
    yield from (Violation(REMINDED, f"{times} times: {one}") for one, times in found.items() if times > 1)
    yield from (Violation(REMINDED, f"for nothing: {one}") for one in found.keys() - may)
    others = {row["kind"] for row in rows} - {"session_reminder"}
    yield from (Violation(REMINDED, f"nothing of this was due: {kind}") for kind in others)


@dataclass
class Heard:
    """What somebody heard who listened, over however many connections."""

    name: str
    user_id: UUID | None
    """None: what everybody is told."""
    since: str | None = None
    """The message after which it began to listen."""
    ids: list[str] = field(default_factory=list)


def judge_heard(books: Books, heard: Heard) -> Iterator[Violation]:
    """Whether a listener heard what its user was told since it began, and nothing else."""
    since = heard.since
    if since is None:
        yield Violation(HEARD, f"{heard.name} never began")
        return
    told = [
        row["id"]
        for row in books.notifications
        if row["id"] > since and heard.user_id in (None, row["user_id"])
    ]
    if heard.ids != told:
        lost, times = {*told} - {*heard.ids}, Counter(heard.ids)
        twice = [one for one, number in times.items() if number > 1]
        what = (
            f"of {len(told)} it did not hear {len(lost)}, heard {len(twice)} twice, {len(heard.ids)} in all"
        )
        yield Violation(HEARD, f"{heard.name}: {what}; {sorted(lost)[:3]} {twice[:3]}")
