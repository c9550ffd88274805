"""Points in time as callers may write them, and what is refused in their place."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from arranged import arranged
from harness import Connection, People
from kernel.calls import READING, TIMES

REFUSAL = "must be a time with an offset, such as 2026-12-01T18:00:00+01:00"
DAY = (datetime.now(UTC) + timedelta(days=2)).date()

# What may follow a date; the names of tests contain these, and not the day.
FORMS = [
    "T18:00:00Z",
    "T18:00:00+01:00",
    "T18:00:00-09:30",
    "T18:00:00+0100",
    "T18:00:00-00:00",
    "T18:00Z",
    "T18:00:00.5Z",
    "T18:00:00.123456+01:00",
    "t18:00:00z",
    " 18:00:00+01:00",
]
ACCEPTED = f"{DAY}{FORMS[0]}"

# As texts PostgreSQL takes most of them for a time, which is why they are refused.
REFUSED_TEXTS = [
    *("tomorrow", "today", "now", "yesterday", "infinity", "-infinity", "epoch", "noon", "allballs"),
    *("tomorrow 18:00", "tomorrow 18:00Z", "tomorrow 18:00+01:00", "soon", "", " ", "T", "Z", "18:00Z"),
    *(f"{DAY}{form}" for form in ("", "Z", "+01:00", " 18:00", "T18:00", "T18:00:00", "T18:00:00.5")),
    *(
        f"{DAY} 18:00{zone}"
        for zone in (" America/New_York", " EST", "EST", " UTC", "UTC", "[UTC]", " utc+1")
    ),
    *(f"{DAY}{form}" for form in ("T18:00 +01:00", "T18:00Z+01:00", "T18:00+1", "T18:00+01", "T18Z")),
    *(f"{DAY}{form}" for form in ("_18:00Z", "T18:00:00,5Z", "T18:00\u221201:00", "T18:00:00Z\n", "T25:00Z")),
    *(f" {DAY}T18:00Z", f"{DAY:%Y%m%d}T180000Z", f"{DAY:%Y%m%d}", f"{DAY:%d.%m.%Y} 18:00Z", f"{DAY} BC"),
    *("2030-02-30T18:00Z", "0000-01-01T18:00Z", "1796142000", "1796142000.5", "1e9", "J2461367", "\0"),
]


def read(text: str) -> datetime:
    """The point in time that an accepted text means."""
    return datetime.fromisoformat(text.upper())


def working_call(
    function: str, db: Connection, people: People, moment: datetime | None = None
) -> tuple[UUID, dict[str, Any]]:
    """Who can call a function that takes a time, and with what, so that it is answered.

    Args:
        moment: the time with which it will be called.
    """
    if function in READING:
        return people.add(), READING[function]
    user_id, arguments = arranged(function, db, people)
    if function == "agree_to_session" and moment:
        # it takes no time but that of the proposal
        db.execute("update public.wingman_sessions set proposed_at = %s", [moment])
    return user_id, arguments


__all__ = ["ACCEPTED", "DAY", "FORMS", "REFUSAL", "REFUSED_TEXTS", "TIMES", "read", "working_call"]
