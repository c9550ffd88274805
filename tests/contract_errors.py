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
    "no_show_answer_pending": (409, "Report can be decided from {time} on"),
    "matching_cooldown": (409, "Matching is on a cooldown until {until}"),
    "account_suspended": (403, "This account is suspended"),
    "user_not_suspended": (409, "User is not suspended"),
    "reputation_not_visible": (403, "Reputation is visible to the user and to current partners only"),
    "idempotency_key_reused": (422, "Idempotency-Key was already used with different parameters"),
    "idempotency_key_invalid": (400, "Idempotency-Key must be one value of 1 to 255 characters"),
    "rate_limited": (429, "Too many requests - retry in {retry_after} seconds"),
    "report_not_found": (404, "Report not found"),
    "report_already_decided": (409, "Report is already {status}"),
    "report_not_taken": (409, "Report is not taken by you"),
    "delivery_not_found": (404, "Message not found"),
    "delivery_not_dead": (409, "Message is {status}"),
    "webhook_not_found": (404, "Webhook not found"),
    "webhook_not_disabled": (409, "Webhook is not disabled"),
    "too_many_webhooks": (409, "At most {limit} webhooks can be enabled"),
    "busy": (423, "Another request holds this record - retry"),
    "unsupported_isolation": (400, "Call this function at READ COMMITTED"),
    "read_only_transaction": (400, "Call this function in a read-write transaction"),
}


def refused(db: Connection, name: str, **context: Any) -> AbstractContextManager[None]:
    """The call inside is refused with the contract's status, message and this context; no row changes."""
    status, message = ERRORS[name]
    return answers.refused(db, name, status, message.format(**context), **context)
