"""Every API function with its arguments, for the tests of what all of them have in common."""

from typing import Any
from uuid import UUID

NOBODY = UUID("00000000-0000-4000-8000-000000000000")

# Enough to get past the checks of arguments; the ids name nothing that exists.
WRITING: dict[str, dict[str, Any]] = {
    "complete_profile": {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7, "lng": -9.1},
    "create_automatic_match": {},
    "respond_to_match": {"match_id": NOBODY, "action": "accept"},
    "end_match": {"match_id": NOBODY},
    "create_session": {"match_id": NOBODY, "scheduled_time": "tomorrow", "venue_name": "Café"},
    "start_session": {"session_id": NOBODY},
    "cancel_session": {"session_id": NOBODY},
    "confirm_session_completion": {"session_id": NOBODY},
    "pause_matching": {},
    "resume_matching": {},
    "block_user": {"subject_id": NOBODY},
    "unblock_user": {"subject_id": NOBODY},
    "report_user": {"subject_id": NOBODY, "reason": "Rude"},
}
READING: dict[str, dict[str, Any]] = {
    "get_profile": {},
    "get_match": {"match_id": NOBODY},
    "list_matches": {},
    "get_match_history": {"match_id": NOBODY},
    "get_session": {"session_id": NOBODY},
    "list_sessions": {},
    "get_reputation": {},
    "explain_match": {"match_id": NOBODY},
    "why_no_match": {},
}
CALLS = WRITING | READING

# Must not be null, although some have a default.
REQUIRED = {function: list(arguments) for function, arguments in CALLS.items()} | {
    "complete_profile": [*WRITING["complete_profile"], "max_travel_miles", "privacy_mode"],
    "list_matches": ["page_size"],
    "list_sessions": ["page_size"],
}
# Null says the same as leaving them out.
OPTIONAL = {
    "complete_profile": ["city", "bio", "photo_url", "confidence_archetype"],
    "create_automatic_match": ["max_radius_miles"],
    "create_session": ["notes"],
    "cancel_session": ["reason"],
    "confirm_session_completion": ["buddy_user_id"],
    "list_matches": ["status", "before"],
    "list_sessions": ["status", "before"],
    "get_reputation": ["subject_id"],
    "why_no_match": ["max_radius_miles"],
}
