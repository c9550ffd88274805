"""A message to send, and what became of the attempt."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

Outcome = Literal["sent", "retry", "failed", "gone"]
"""Sent; to be tried again later; never to be tried again; and nothing else is to go to this target."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row of ``wingman.claim_deliveries``. Its printed form leaves out all that concerns a person."""

    id: UUID
    token: UUID = field(repr=False)
    attempt: int
    time_limit: timedelta
    kind: str
    user_id: UUID = field(repr=False)
    notification_id: UUID | None
    match_id: UUID | None
    session_id: UUID | None
    created_at: datetime
    useful_until: datetime | None
    language: str | None
    title: str | None = field(repr=False)
    body: str | None = field(repr=False)
    target_id: UUID | None
    target: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt."""

    outcome: Outcome
    error: str | None = None
    """A code, never a text from outside."""
    retry_after_seconds: float | None = None
    """How long the other side wants us to wait."""


SENT: Final = Result("sent")


def retry(error: str, retry_after_seconds: float | None = None) -> Result:
    """It has failed, and may succeed later."""
    return Result("retry", error, retry_after_seconds)


def failed(error: str) -> Result:
    """It has failed, and would fail again."""
    return Result("failed", error)


def gone(error: str) -> Result:
    """The target does not exist any more."""
    return Result("gone", error)
