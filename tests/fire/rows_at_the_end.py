"""The rows that the checker holds against the history."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Annotated, Any

from harness import Connection
from pydantic import BeforeValidator, PlainSerializer

Pair = tuple[str, str]
"""Two people, the smaller id first."""


@dataclass(frozen=True)
class Match:
    pair: Pair
    status: str = "pending"
    responded_by: str | None = None
    has_ended: bool = False
    searched_by: str | None = None


@dataclass(frozen=True)
class Session:
    match_id: str
    status: str = "scheduled"
    confirmed_by: frozenset[str] = frozenset()
    venue_name: str = ""
    reason: str | None = None
    """Why it was cancelled."""


@dataclass
class Rows:
    """Everything by its id; ids are texts."""

    matches: dict[str, Match] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    blocks: set[tuple[str, str]] = field(default_factory=set)
    """Who has blocked whom."""
    reports: Counter[str] = field(default_factory=Counter)
    """How many reports have which reason."""
    bios: dict[str, str | None] = field(default_factory=dict)
    keys: Annotated[
        dict[tuple[str, str], Any],
        # JSON has no tuples for keys
        PlainSerializer(lambda keys: [*keys.items()]),
        BeforeValidator(lambda items: {tuple(key): answer for key, answer in items}),
    ] = field(default_factory=dict)
    """The kept answers, by user and key."""


def read_rows(db: Connection) -> Rows:
    matches = db.execute(
        """select id::text, user1_id::text, user2_id::text, status, responded_by::text,
               ended_at is not null as has_ended, searched_by::text
           from public.wingman_matches"""
    )
    sessions = db.execute(
        """select id::text, match_id::text, status, venue_name, cancellation_reason,
               array_remove(array[
                   case when user2_completed_confirmed_by_user1 then user1_id::text end,
                   case when user1_completed_confirmed_by_user2 then user2_id::text end
               ], null) as confirmed_by
           from public.wingman_sessions"""
    )
    blocks = db.execute("select blocker_id::text as who, blocked_id::text as whom from public.user_blocks")
    reports = db.execute("select reason from wingman.user_reports")
    bios = db.execute("select id::text, bio from public.user_profiles")
    keys = db.execute("select user_id::text, idempotency_key, response from wingman.idempotency_keys")
    return Rows(
        matches={
            row["id"]: Match(
                (row["user1_id"], row["user2_id"]),
                row["status"],
                row["responded_by"],
                row["has_ended"],
                row["searched_by"],
            )
            for row in matches
        },
        sessions={
            row["id"]: Session(
                row["match_id"],
                row["status"],
                frozenset(row["confirmed_by"]),
                row["venue_name"],
                row["cancellation_reason"],
            )
            for row in sessions
        },
        blocks={(row["who"], row["whom"]) for row in blocks},
        reports=Counter(row["reason"] for row in reports),
        bios={row["id"]: row["bio"] for row in bios},
        keys={(row["user_id"], row["idempotency_key"]): row["response"] for row in keys},
    )
