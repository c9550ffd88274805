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
    "schedule_conflict": (409, "You have another session at {time}"),
    "self_agreement": (400, "Cannot agree to your own proposal - only your buddy can agree to it"),
    "proposal_changed": (409, "Your buddy has proposed something else meanwhile"),
    "session_time_passed": (409, "Session cannot be {verb} - its time was {time}"),
    "no_show_not_found": (404, "No no-show is reported in this session"),
    "buddy_not_committed": (409, "Your buddy had neither arranged this session nor agreed to it"),
    "no_show_too_early": (400, "A no-show can be reported from {time} on"),
    "no_show_window_closed": (400, "A no-show could be reported until {time}"),
    "no_show_already_answered": (409, "Report has already been answered"),
    "no_show_already_decided": (409, "Report is already {status}"),
    "matching_cooldown": (409, "Matching is on a cooldown until {until}"),
    "account_suspended": (403, "This account is suspended"),
    "rate_limited": (429, "Too many requests - retry in {retry_after} seconds"),
    "reputation_not_visible": (403, "Reputation is visible to the user and to current partners only"),
}

OPERATORS_CATALOGUE = {
    "no_show_answer_pending": (409, "Report can be decided from {time} on"),
    "user_not_suspended": (409, "User is not suspended"),
}
"""What nobody but an operator can be refused with."""

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
    "decide_no_show": {
        "missing_argument",
        "invalid_argument",
        "session_not_found",
        "not_session_participant",
        "no_show_not_found",
        "no_show_already_decided",
        "no_show_answer_pending",
    },
    "lift_suspension": {
        "missing_argument",
        "invalid_argument",
        "user_not_suspended",
    },
    "suspend_user": {
        "missing_argument",
        "invalid_argument",
        "user_not_found",
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
    """A refused call: nothing has changed. ``context`` holds the facts of its DETAIL.

    Where several facts are equally true, as ``any_time``, each of ``messages`` may be said.
    """

    def __init__(self, name: str, **context: Any) -> None:
        self.name = name
        self.status, template = (CATALOGUE | OPERATORS_CATALOGUE)[name]
        facts = [{**context, "time": time} for time in context.get("any_time", [])] or [context]
        self.messages = [template.format(**fact) for fact in facts]
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
