"""A record that somebody holds for too long: the caller hears "busy", never a database error."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness import LISBON
from races.race import Race, assert_refused
from races.scene import Scene


def test_every_writing_function_gives_up_with_busy_after_two_seconds(race: Race, scene: Scene) -> None:
    # one test for all, since each of them waits for two seconds
    user_id, buddy_id = scene.pair()
    pending = scene.pending(user_id, buddy_id)
    other, other_buddy = scene.pair()
    session_id = scene.session(other, other_buddy)
    accepted = scene.wingman_session(session_id)["match_id"]
    calls: list[tuple[UUID, str, dict[str, Any]]] = [
        (user_id, "complete_profile", {"first_name": "Ana", "experience_level": "beginner", **LISBON}),
        (user_id, "create_automatic_match", {}),
        (user_id, "respond_to_match", {"match_id": pending, "action": "accept"}),
        (other, "end_match", {"match_id": accepted}),
        (
            other,
            "create_session",
            {
                "match_id": accepted,
                "scheduled_time": datetime.now(UTC) + timedelta(days=1),
                "venue_name": "Hot Clube",
            },
        ),
        (other, "start_session", {"session_id": session_id}),
        (other, "cancel_session", {"session_id": session_id}),
        (other, "confirm_session_completion", {"session_id": session_id}),
    ]

    with (
        race.held("select from wingman.match_seekers where user_id = %s for update", user_id) as seeker,
        race.held("select from public.wingman_matches where id = %s for update", accepted) as match,
        race.held("select from public.wingman_sessions where id = %s for update", session_id) as session,
    ):
        holders = [seeker] * 3 + [match] * 2 + [session] * 3
        outcomes = [
            race.started(race.call(caller, function, **arguments), waits_for=holder)
            for (caller, function, arguments), holder in zip(calls, holders, strict=True)
        ]
        for outcome in outcomes:
            assert_refused(outcome(), "busy", 503, "Another request holds this record - retry")

    assert scene.match(pending)["status"] == "pending"
    assert scene.match(accepted)["ended_at"] is None
    assert scene.wingman_session(session_id)["status"] == "scheduled"
