"""The contract's table of errors, and the assertion that a call is refused by one of them."""

from contextlib import AbstractContextManager
from typing import Any

import answers
from harness import Connection

# name: HTTP status and message; a {word} is filled from the error's context
ERRORS: dict[str, tuple[int, str]] = {
    "not_authenticated": (401, "Authentication required"),
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
    "idempotency_key_reused": (422, "Idempotency-Key was already used with different parameters"),
    "idempotency_key_invalid": (400, "Idempotency-Key must be one value of 1 to 255 characters"),
    "rate_limited": (429, "Too many requests - retry in {retry_after} seconds"),
    "report_not_found": (404, "Report not found"),
    "report_already_decided": (409, "Report is already {status}"),
    "report_not_taken": (409, "Report is not taken by you"),
    "busy": (423, "Another request holds this record - retry"),
    "unsupported_isolation": (400, "Call this function at READ COMMITTED"),
    "read_only_transaction": (400, "Call this function in a read-write transaction"),
}


def refused(db: Connection, name: str, **context: Any) -> AbstractContextManager[None]:
    """The call inside is refused with the contract's status, message and this context; no row changes."""
    status, message = ERRORS[name]
    return answers.refused(db, name, status, message.format(**context), **context)
