"""Calls that meet over a session: confirmed once, counted once, and cancelled or completed, never both."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from races.race import Call, Race, assert_refused
from races.scene import Scene

FIRST = {
    "success": True,
    "message": "Completion confirmation recorded. Waiting for your buddy to confirm.",
    "session_status": "scheduled",
    "both_confirmed": False,
    "reputation_updated": False,
    "user_reputation_delta": 0,
}
COMPLETED = {
    "success": True,
    "message": "Session completed! Both participants have confirmed completion and reputation was updated.",
    "session_status": "completed",
    "both_confirmed": True,
    "reputation_updated": True,
    "user_reputation_delta": 1,
}

by_either = pytest.mark.parametrize("user1_first", [True, False], ids=["user1 first", "user2 first"])


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    return scene.pair()


def confirm(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "confirm_session_completion", session_id=session_id)


def create(race: Race, user_id: UUID, match_id: UUID, venue_name: str = "Hot Clube") -> Call:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return race.call(
        user_id, "create_session", match_id=match_id, scheduled_time=tomorrow, venue_name=venue_name
    )


def counters(scene: Scene, *user_ids: UUID) -> list[int]:
    return [scene.profile_row(user_id)["completed_sessions"] for user_id in user_ids]


@by_either
def test_of_both_confirming_the_second_completes_the_session_and_counts_it_once(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], user1_first: bool
) -> None:
    first, second = pair if user1_first else pair[::-1]
    session_id = scene.session(*pair)

    met = race.collide(confirm(race, first, session_id), confirm(race, second, session_id))

    assert (met.first, met.second) == (FIRST, COMPLETED)
    row = scene.wingman_session(session_id)
    assert (row["status"], row["completed_at"]) == ("completed", row["updated_at"])
    assert row["user1_completed_confirmed_by_user2"]
    assert row["user2_completed_confirmed_by_user1"]
    assert scene.ledger() == [*pair]
    assert counters(scene, *pair) == [1, 1]


@by_either
def test_of_one_confirming_twice_the_second_is_told_the_state(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], user1_first: bool
) -> None:
    user_id = pair[0] if user1_first else pair[1]
    session_id = scene.session(*pair)

    met = race.collide(confirm(race, user_id, session_id), confirm(race, user_id, session_id))

    assert met.first == FIRST
    assert_already_confirmed(met.second, "scheduled", both_confirmed=False)
    assert met.second_wrote == set()
    assert scene.ledger() == []


@by_either
def test_of_one_completing_twice_only_the_first_counts(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], user1_first: bool
) -> None:
    user_id, buddy_id = pair if user1_first else pair[::-1]
    session_id = scene.session_confirmed_by(buddy_id, user_id)

    met = race.collide(confirm(race, user_id, session_id), confirm(race, user_id, session_id))

    assert met.first == COMPLETED
    assert_already_confirmed(met.second, "completed", both_confirmed=True)
    assert met.second_wrote == set()
    assert scene.ledger() == [*pair]
    assert counters(scene, *pair) == [1, 1]


def assert_already_confirmed(refusal: Any, status: str, *, both_confirmed: bool) -> None:
    state = refusal.detail.pop("state")
    assert_refused(
        refusal, "already_confirmed", 409, "You have already confirmed completion for this session"
    )
    assert (state["status"], state["i_confirmed_buddy"], state["both_confirmed"]) == (
        status,
        True,
        both_confirmed,
    )


def test_a_completion_locks_the_profiles_by_id(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    smaller, larger = pair
    session_id = scene.session_confirmed_by(smaller, larger)
    lock = "select id from public.user_profiles where id = %s for no key update"

    with race.held(lock, smaller) as holder:
        completed = race.started(confirm(race, larger, session_id), waits_for=holder)
        assert race.unhindered(race.statement(lock, larger)) == [{"id": larger}]

    assert completed() == COMPLETED


def test_a_confirmation_after_a_cancellation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id, reason="rain"),
        confirm(race, pair[1], session_id),
    )

    assert met.first["status"] == "cancelled"
    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["status"] == "cancelled"
    assert counters(scene, *pair) == [0, 0]


def test_a_cancellation_after_the_completing_confirmation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(
        confirm(race, pair[1], session_id), race.call(pair[0], "cancel_session", session_id=session_id)
    )

    assert met.first == COMPLETED
    message = "Session cannot be cancelled - current status: completed"
    assert_refused(met.second, "invalid_session_state", 409, message, verb="cancelled", status="completed")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["cancelled_by"] is None
    assert counters(scene, *pair) == [1, 1]


def test_a_cancellation_after_the_first_confirmation_cancels(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        confirm(race, pair[0], session_id), race.call(pair[1], "cancel_session", session_id=session_id)
    )

    assert (met.first, met.second["status"], met.second["buddy_confirmed_me"]) == (FIRST, "cancelled", True)
    assert scene.wingman_session(session_id)["cancelled_by"] == pair[1]
    assert scene.ledger() == []


def test_of_two_cancellations_the_first_ones_reason_stays(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id, reason="rain"),
        race.call(pair[1], "cancel_session", session_id=session_id, reason="snow"),
    )

    assert (met.first["status"], met.second["status"]) == ("cancelled", "cancelled")
    assert met.second_wrote == set()
    row = scene.wingman_session(session_id)
    assert (row["cancelled_by"], row["cancellation_reason"]) == (pair[0], "rain")


def test_a_start_after_a_cancellation_is_refused(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id),
        race.call(pair[1], "start_session", session_id=session_id),
    )

    message = "Session cannot be started - current status: cancelled"
    assert_refused(met.second, "invalid_session_state", 409, message, verb="started", status="cancelled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["status"] == "cancelled"


def test_a_cancellation_after_a_start_cancels(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "start_session", session_id=session_id),
        race.call(pair[1], "cancel_session", session_id=session_id),
    )

    assert (met.first["status"], met.second["status"]) == ("in_progress", "cancelled")
    assert scene.wingman_session(session_id)["cancelled_by"] == pair[1]


def test_of_two_starts_the_second_changes_nothing(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "start_session", session_id=session_id),
        race.call(pair[1], "start_session", session_id=session_id),
    )

    assert (met.first["status"], met.second["status"]) == ("in_progress", "in_progress")
    assert met.second_wrote == set()


def test_a_start_after_the_completing_confirmation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(
        confirm(race, pair[1], session_id), race.call(pair[0], "start_session", session_id=session_id)
    )

    message = "Session cannot be started - current status: completed"
    assert_refused(met.second, "invalid_session_state", 409, message, verb="started", status="completed")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["status"] == "completed"


def test_a_confirmation_after_a_start_reads_the_session_in_progress(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "start_session", session_id=session_id), confirm(race, pair[1], session_id)
    )

    assert met.second == {**FIRST, "session_status": "in_progress"}
    assert scene.wingman_session(session_id)["status"] == "in_progress"


def test_of_two_sessions_made_for_one_match_the_second_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(
        create(race, pair[0], match_id, "Hot Clube"), create(race, pair[1], match_id, "Maxime")
    )

    assert met.first["venue_name"] == "Hot Clube"
    assert_refused(met.second, "active_session_exists", 409, "Match already has an active session")
    assert met.second_wrote == set()
    assert scene.wingman_session(met.first["id"])["status"] == "scheduled"


def test_a_session_waits_for_one_written_directly_and_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    # a direct write locks the match, too
    match_id = scene.accepted(*pair)
    direct = race.statement(
        """
        insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
        values (%s, 'Hot Clube', statement_timestamp() + interval '1 day')
        """,
        match_id,
    )

    met = race.collide(direct, create(race, pair[0], match_id))

    assert_refused(met.second, "active_session_exists", 409, "Match already has an active session")
    assert met.second_wrote == set()


def test_a_session_for_a_match_that_is_being_deleted_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(
        race.statement("delete from public.wingman_matches where id = %s", match_id),
        create(race, pair[0], match_id),
    )

    assert_refused(met.second, "match_not_found", 404, "Match not found")
    assert met.second_wrote == set()


def test_a_match_is_not_deleted_once_a_session_is_being_made(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    delete = race.statement("delete from public.wingman_matches where id = %s", match_id)

    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="wingman_sessions_match_id_fkey"):
        race.collide(create(race, pair[0], match_id), delete)

    assert scene.match(match_id)["status"] == "accepted"


def test_a_session_waits_for_the_cancellation_of_the_one_before(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id), create(race, pair[1], match_id)
    )

    assert met.first["status"] == "cancelled"
    assert met.second["status"] == "scheduled"
    assert scene.wingman_session(met.second["id"])["match_id"] == match_id


def test_a_session_for_a_match_that_is_being_ended_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(race.call(pair[0], "end_match", match_id=match_id), create(race, pair[1], match_id))

    assert met.first["ended_at"] is not None
    message = "Match status must be 'accepted' (current: ended)"
    assert_refused(met.second, "match_not_accepted", 400, message, status="ended")
    assert met.second_wrote == set()


def test_ending_a_match_cancels_the_session_that_is_being_made(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(create(race, pair[0], match_id), race.call(pair[1], "end_match", match_id=match_id))

    assert met.second["ended_at"] == scene.match(match_id)["ended_at"] is not None
    row = scene.wingman_session(met.first["id"])
    assert (row["status"], row["cancelled_by"]) == ("cancelled", pair[1])


def test_of_two_ends_of_a_match_the_first_ones_time_stays(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.accepted(*pair)

    met = race.collide(
        race.call(pair[0], "end_match", match_id=match_id),
        race.call(pair[1], "end_match", match_id=match_id),
    )

    assert met.first["ended_at"] == met.second["ended_at"] == scene.match(match_id)["ended_at"]
    assert met.second_wrote == set()


def test_a_match_is_not_ended_before_its_acceptance_is_there(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    match_id = scene.pending(*pair)

    met = race.collide(
        race.call(pair[0], "respond_to_match", match_id=match_id, action="accept"),
        race.call(pair[1], "end_match", match_id=match_id),
    )

    row = scene.match(match_id)
    assert (row["status"], met.second["ended_at"]) == ("accepted", row["ended_at"])
    assert row["ended_at"] is not None


def test_a_confirmation_of_a_match_that_is_being_ended_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]

    met = race.collide(race.call(pair[0], "end_match", match_id=match_id), confirm(race, pair[1], session_id))

    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert counters(scene, *pair) == [0, 0]


def test_ending_a_match_leaves_the_session_that_is_being_completed(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    match_id = scene.wingman_session(session_id)["match_id"]

    met = race.collide(confirm(race, pair[1], session_id), race.call(pair[0], "end_match", match_id=match_id))

    assert met.first == COMPLETED
    assert met.second["ended_at"] is not None
    assert scene.wingman_session(session_id)["status"] == "completed"
    assert counters(scene, *pair) == [1, 1]
