"""Fills and reads inboxes, and lets time pass."""

from typing import Any
from uuid import UUID

from harness import Connection
from psycopg.rows import scalar_row
from rows import Pair

READ = "wingman.run_readers"
A_MOMENT = "1 microsecond"


def read(db: Connection, max_rows: int = 1000) -> int:
    """One run of the readers; returns how much it says it told."""
    row = db.execute("select r.told from wingman.run_readers(%s) as r", [max_rows]).fetchone()
    assert row is not None
    return row["told"]


def read_all(db: Connection, max_rows: int = 1000) -> None:
    """Runs the readers until there is nothing left to tell."""
    while read(db, max_rows):
        pass


def notifications(db: Connection, user_id: UUID | None = None) -> list[dict[str, Any]]:
    """The rows of one inbox, or of all of them, oldest first."""
    return db.execute(
        "select * from public.wingman_notifications"
        " where %(id)s::uuid is null or user_id = %(id)s order by id",
        {"id": user_id},
    ).fetchall()


def kinds(db: Connection, user_id: UUID) -> list[str]:
    """The kinds that a person has been told, oldest first."""
    return [row["kind"] for row in notifications(db, user_id)]


def told(db: Connection, pair: Pair) -> tuple[list[str], list[str]]:
    """The kinds that the two have been told: user1, user2."""
    return kinds(db, pair.user1), kinds(db, pair.user2)


def forget(db: Connection) -> None:
    """Reads what has happened so far and empties all inboxes: only what happens from now on is told."""
    read_all(db)
    db.execute("delete from public.wingman_notifications")


def reminders(db: Connection) -> list[dict[str, Any]]:
    """The planned reminders, the next one first."""
    return db.execute("select * from wingman.reminders order by due_at, kind").fetchall()


def planned(db: Connection) -> list[str]:
    """The kinds of the planned reminders, the next one first."""
    return [row["kind"] for row in reminders(db)]


def let_pass(db: Connection, interval: str) -> None:
    """Moves everything that inboxes depend on into the past, past all rules and triggers."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        for statement in _PASSING:
            db.execute(statement, {"i": interval})


def let_pass_until_due(db: Connection, kind: str, *, before: str = "0") -> None:
    """Lets time pass until the next reminder of a kind is due, or a little before."""
    row = db.execute(
        "select (min(due_at) - statement_timestamp() - %s::interval)::text as rest"
        " from wingman.reminders where kind = %s",
        [before, kind],
    ).fetchone()
    assert row is not None
    assert row["rest"] is not None, f"nobody is to be reminded: {kind}"
    let_pass(db, row["rest"])


def scalar(db: Connection, query: str, *values: Any) -> Any:
    """The one value that a query returns."""
    return db.cursor(row_factory=scalar_row).execute(query, values).fetchone()


_EARLIER_ID = """
    (lpad(
        to_hex(('x' || left(replace({0}::text, '-', ''), 12))::bit(48)::bigint
            - round(extract(epoch from %(i)s::interval) * 1000)::bigint),
        12, '0'
    ) || substr(replace({0}::text, '-', ''), 13))::uuid
"""
# what a detail of an event says of a time, earlier as well
_EARLIER_DETAIL = """
    jsonb_strip_nulls(jsonb_build_object(
        'scheduled_time', to_jsonb((details ->> 'scheduled_time')::timestamptz - %(i)s::interval),
        'expires_at', to_jsonb((details ->> 'expires_at')::timestamptz - %(i)s::interval),
        'earned_at', to_jsonb((details ->> 'earned_at')::timestamptz - %(i)s::interval)
    ))
"""
_PASSING = [
    """update public.user_profiles set created_at = created_at - %(i)s::interval""",
    """update public.wingman_matches set
           created_at = created_at - %(i)s::interval,
           expires_at = expires_at - %(i)s::interval,
           responded_at = responded_at - %(i)s::interval""",
    """update public.wingman_sessions set
           created_at = created_at - %(i)s::interval,
           scheduled_time = scheduled_time - %(i)s::interval,
           proposed_at = proposed_at - %(i)s::interval,
           agreed_at = agreed_at - %(i)s::interval""",
    """update public.user_blocks set created_at = created_at - %(i)s::interval""",
    f"""update wingman.events set
           occurred_at = occurred_at - %(i)s::interval, details = details || {_EARLIER_DETAIL}""",
    """update wingman.reminders set
           due_at = due_at - %(i)s::interval, about = about - %(i)s::interval""",
    f"""update public.wingman_notifications set
           id = {_EARLIER_ID.format("id")},
           created_at = created_at - %(i)s::interval,
           due_at = due_at - %(i)s::interval,
           useful_until = useful_until - %(i)s::interval""",
    f"""update wingman.notification_deliveries set
           notification_id = {_EARLIER_ID.format("notification_id")},
           created_at = created_at - %(i)s::interval,
           next_attempt_at = next_attempt_at - %(i)s::interval,
           settled_at = settled_at - %(i)s::interval""",
    """update wingman.inbox_clock set told_until = told_until - %(i)s::interval
       where told_until > '-infinity'""",
]
