"""The catalogue of contract.md, as far as this model reaches it."""

from datetime import UTC, datetime
from typing import Any, Never

CATALOGUE = {
    "acting_for_another": (403, "Not authorized to act for another user"),
    "user_not_found": (404, "User not found"),
    "missing_argument": (400, "{argument} is required"),
    "invalid_argument": (400, "{argument} {rule}"),
    "invalid_action": (400, "Invalid action: must be 'accept' or 'decline'"),
    "invalid_radius": (400, "Radius must be between 1 and 100 miles"),
    "invalid_schedule": (400, "scheduled_time must be in the future"),
    "matching_paused": (409, "Matching is paused - resume it first"),
    "profile_incomplete": (400, "Profile and location are required before matching"),
    "match_not_found": (404, "Match not found"),
    "match_expired": (404, "Match has expired"),
    "not_match_participant": (403, "Not authorized - user is not a participant in this match"),
    "match_already_resolved": (400, "Match is already {status} - cannot respond"),
    "match_not_accepted": (400, "Match status must be 'accepted' (current: {status})"),
    "session_not_found": (404, "Session not found"),
    "not_session_participant": (403, "Access denied - user is not a participant in this session"),
    "self_confirmation": (400, "Cannot confirm your own completion - only your buddy can confirm you"),
    "buddy_not_in_session": (400, "The user to confirm is not your buddy in this session"),
    "already_confirmed": (409, "You have already confirmed completion for this session"),
    "session_not_confirmable": (400, "Session cannot be completed - current status: {status}"),
    "session_not_started": (400, "Cannot confirm completion before scheduled time ({time})"),
    "too_early": (400, "Session cannot be started before {time}"),
    "active_session_exists": (409, "Match already has an active session"),
    "invalid_session_state": (409, "Session cannot be {verb} - current status: {status}"),
    "reputation_not_visible": (403, "Reputation is visible to the user and to current partners only"),
}

OPERATORS_REFUSALS = {
    "cancel_session": {
        "missing_argument",
        "invalid_argument",
        "session_not_found",
        "invalid_session_state",
    },
    "end_match": {
        "missing_argument",
        "invalid_argument",
        "match_not_found",
        "match_not_accepted",
    },
    "mark_no_show": {
        "missing_argument",
        "invalid_argument",
        "session_not_found",
        "not_session_participant",
        "invalid_session_state",
        "session_not_started",
    },
    "revert_completion": {
        "missing_argument",
        "invalid_argument",
        "session_not_found",
        "invalid_session_state",
    },
}
"""What each function of operators can be refused with."""


class Refusal(Exception):
    """A refused call: nothing has changed. ``context`` holds the facts of its DETAIL."""

    def __init__(self, name: str, **context: Any) -> None:
        self.name = name
        self.status, template = CATALOGUE[name]
        self.message = template.format(**context)
        self.context = context


def refuse(name: str, **context: Any) -> Never:
    raise Refusal(name, **context)


def require(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is None:
            refuse("missing_argument", argument=name)


def require_that(holds: bool, argument: str, rule: str) -> None:
    if not holds:
        refuse("invalid_argument", argument=argument, rule=rule)


def utc_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
