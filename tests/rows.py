"""Matches and sessions in any state, written as rows: where a test starts without calls it does not test."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from harness import Connection, People
from psycopg import sql

SESSION_STATUSES = ("scheduled", "in_progress", "completed", "cancelled", "no_show")
ACTIVE_STATUSES = ("scheduled", "in_progress")
TERMINAL_STATUSES = ("completed", "cancelled", "no_show")

_ACCEPT = "status = 'accepted', responded_by = user1_id, responded_at = statement_timestamp()"
_LAPSE = "created_at = created_at - interval '3 days', expires_at = expires_at - interval '3 days'"
_STEPS_OF_MATCH = {
    "pending": [],
    "lapsed": [_LAPSE],
    "expired": [_LAPSE, "status = 'expired'"],
    "accepted": [_ACCEPT],
    "declined": ["status = 'declined', responded_by = user2_id, responded_at = statement_timestamp()"],
    "ended": [_ACCEPT, "ended_at = statement_timestamp()"],
}
_CONFIRMATION_BY = {1: "user2_completed_confirmed_by_user1", 2: "user1_completed_confirmed_by_user2"}
COMPLETE = (
    "status = 'completed', user1_completed_confirmed_by_user2 = true, "
    "user2_completed_confirmed_by_user1 = true, completed_at = statement_timestamp()"
)


@dataclass(frozen=True)
class Pair:
    """Two people and their match; user1 has the smaller id."""

    user1: UUID
    user2: UUID
    match_id: UUID


def make_pair(db: Connection, people: People, status: str = "accepted", *, needs_both: bool = False) -> Pair:
    """Two new people, and their match as by ``make_match``."""
    user1, user2 = sorted((people.add("Ana"), people.add("Ben")))
    return Pair(user1, user2, make_match(db, user1, user2, status, needs_both=needs_both))


def make_match(
    db: Connection, one: UUID, other: UUID, status: str = "accepted", *, needs_both: bool = False
) -> UUID:
    """A match in a status, or ``lapsed`` (pending past its time, not settled) or ``ended``.

    Args:
        needs_both: it takes an accept of each of the two; then nobody has accepted it yet.
    """
    user1, user2 = sorted((one, other))
    match_id = _id(
        db,
        """insert into public.wingman_matches
               (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level,
                distance_miles, expires_at)
           values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours')
           returning id"""
        if not needs_both
        # a column that earlier revisions do not have
        else """insert into public.wingman_matches
               (user1_id, user2_id, user1_reputation, user2_reputation, user1_level, user2_level,
                distance_miles, expires_at, needs_both)
           values (%s, %s, 0, 0, 1, 1, 1, statement_timestamp() + interval '48 hours', true)
           returning id""",
        user1,
        user2,
    )
    for step in _STEPS_OF_MATCH[status]:
        db.execute(f"update public.wingman_matches set {step} where id = %s", [match_id])
    return match_id


def make_session(
    db: Connection,
    match_id: UUID,
    status: str = "scheduled",
    starts: datetime | str = "-1 hour",
    confirmed_by: Collection[int] = (),
) -> UUID:
    """A session in a status.

    Args:
        starts: its time, or how far that is from now.
        confirmed_by: 1 and 2 for the user of the match who has confirmed; both have, if it is completed.
    """
    session_id = _id(
        db,
        """insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
           values (%s, 'Café A Brasileira', coalesce(%s, statement_timestamp() + %s::interval))
           returning id""",
        match_id,
        *((starts, None) if isinstance(starts, datetime) else (None, starts)),
    )
    for user in confirmed_by:
        update_session(db, session_id, f"{_CONFIRMATION_BY[user]} = true")
    if status != "scheduled":
        update_session(db, session_id, COMPLETE if status == "completed" else f"status = '{status}'")
    return session_id


def update_session(db: Connection, session_id: UUID, assignments: str) -> None:
    """A direct write, as an operator's SQL would make it."""
    db.execute(f"update public.wingman_sessions set {assignments} where id = %s", [session_id])


def session_row(db: Connection, session_id: UUID) -> dict[str, Any]:
    row = db.execute("select * from public.wingman_sessions where id = %s", [session_id]).fetchone()
    assert row is not None
    return row


def ledger(db: Connection) -> list[dict[str, Any]]:
    """The reputation events of each session, those of the smaller user id first; departures come last."""
    return db.execute("select * from wingman.reputation_events order by session_id, user_id, id").fetchall()


def counters(db: Connection, user_id: UUID) -> tuple[int, int, int]:
    """completed_sessions, no_shows and reputation_score of a profile."""
    row = db.execute("select * from public.user_profiles where id = %s", [user_id]).fetchone()
    assert row is not None
    return row["completed_sessions"], row["no_shows"], row["reputation_score"]


def set_counters(
    db: Connection, completed_sessions: int, no_shows: int = 0, user_id: UUID | None = None
) -> None:
    """Give a profile, by default every profile, these counters and the resulting score.

    Past the ledger, which goes on from there.
    """
    db.execute(
        """update public.user_profiles set
               completed_sessions = %(completed)s, no_shows = %(missed)s,
               reputation_score = wingman.reputation_score(%(completed)s, %(missed)s)
           where %(user)s::uuid is null or id = %(user)s""",
        {"completed": completed_sessions, "missed": no_shows, "user": user_id},
    )


def tables(db: Connection) -> list[str]:
    """Every table of ours, qualified."""
    found = db.execute(
        """select n.nspname || '.' || c.relname as name
           from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace
           where n.nspname in ('public', 'wingman') and c.relkind in ('r', 'p')
           order by 1"""
    )
    return [row["name"] for row in found]


def all_rows(db: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours as JSON, to compare before and after."""
    each = sql.SQL("select {} as name, jsonb_agg(t order by t::text) as rows from {} as t")
    names = tables(db)
    query = sql.SQL(" union all ").join(each.format(sql.Literal(name), sql.SQL(name)) for name in names)
    return {row["name"]: row["rows"] or [] for row in db.execute(query, prepare=True)}


def lift_rate_limits(db: Connection) -> None:
    """Let everybody call as often as a long story needs."""
    db.execute(
        """update wingman.settings set
               automatic_match_limit = 1000000, respond_limit = 1000000, confirm_limit = 1000000,
               create_session_limit = 1000000, profile_limit = 1000000,
               report_limit = 1000000"""
    )


def shorten_lock_timeout(db: Connection, function: str) -> None:
    """Let a function soon give up with ``busy``, in tests that do not ask how long it waits."""
    db.execute(f"alter function {function} set lock_timeout = '50ms'")


BOOKKEEPING = ("wingman.events", "wingman.idempotency_keys", "wingman.rate_limits")


def business_rows(db: Connection) -> dict[str, list[dict[str, Any]]]:
    """Like ``all_rows``, without what the guards write for every successful call."""
    rows = all_rows(db)
    return {table: found for table, found in rows.items() if not table.startswith(BOOKKEEPING)}


def _id(db: Connection, insert: str, *values: Any) -> UUID:
    row = db.execute(insert, values).fetchone()
    assert row is not None
    return row["id"]
