"""Moves people and matches in time, and reads their rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from harness import Connection

DECLINED = "Match declined."
NEXT = "Match declined. Here's your next potential wingman buddy!"
ACCEPTED = "Match accepted! You can now schedule a session with your wingman buddy."
WAITING = "Accepted. Waiting for your buddy's answer."
CREATED = "Wingman buddy match created successfully!"
ALREADY = "You already have a pending wingman match"


def none_within(miles: int) -> str:
    """The message of a search that found nobody."""
    return f"No compatible wingman buddies found within {miles} miles. Try expanding your search radius."


def age(db: Connection, match_id: UUID, by: str) -> None:
    """Let a match have been made earlier, by an interval; it expires as much earlier."""
    db.execute(
        "update public.wingman_matches"
        " set created_at = created_at - %(by)s::interval, expires_at = expires_at - %(by)s::interval"
        " where id = %(id)s",
        {"by": by, "id": match_id},
    )


def wait_since(db: Connection, user_id: UUID, ago: str) -> None:
    """Let somebody have waited for a buddy since an interval ago."""
    db.execute(
        "update wingman.matchmaking_pool set waiting_since = statement_timestamp() - %s::interval"
        " where user_id = %s",
        [ago, user_id],
    )


def pause(db: Connection, user_id: UUID) -> None:
    """Let somebody be left out of matching."""
    db.execute("update wingman.matchmaking_pool set paused = true where user_id = %s", [user_id])


def settle_nothing(db: Connection) -> None:
    """Keep searches from settling lapsed matches of others."""
    db.execute("update wingman.settings set settle_limit = 0 where id")


def match_row(db: Connection, match_id: UUID) -> dict[str, Any]:
    """The row of a match."""
    row = db.execute("select * from public.wingman_matches where id = %s", [match_id]).fetchone()
    assert row is not None
    return row


def match_rows(db: Connection) -> list[dict[str, Any]]:
    """The rows of all matches, oldest first."""
    return db.execute("select * from public.wingman_matches order by id").fetchall()


def seeker_row(db: Connection, user_id: UUID) -> dict[str, Any] | None:
    """The row by which somebody can be matched; None for those who cannot."""
    return db.execute("select * from wingman.matchmaking_pool where user_id = %s", [user_id]).fetchone()


def waiting(db: Connection, user_id: UUID) -> datetime:
    """Since when somebody has been waiting."""
    row = seeker_row(db, user_id)
    assert row is not None
    since: datetime = row["waiting_since"]
    return since


def pending(db: Connection, user_id: UUID) -> UUID | None:
    """The pending match that somebody's seeker row names."""
    row = seeker_row(db, user_id)
    assert row is not None
    match_id: UUID | None = row["pending_match_id"]
    return match_id
