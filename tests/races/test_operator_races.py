"""Operators' calls that meet the calls of a session's people, or each other: counted once, and never lost."""

from typing import Any
from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Operation, Race, assert_refused
from races.scene import Scene
from races.test_session_races import COMPLETED, FIRST
from rows import set_counters

MARKED = {"success": True, "message": "No-show recorded: the reputation of the absent user was updated."}
REVERTED = {
    "success": True,
    "message": "Completion reverted: neither reputation counts this session any more.",
}
LOCK = "select id from public.user_profiles where id = %s for no key update"


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    return scene.pair()


def confirm(race: Race, user_id: UUID, session_id: UUID) -> Call:
    return race.call(user_id, "confirm_session_completion", session_id=session_id)


def revert(race: Race, session_id: UUID) -> Operation:
    return race.operation("wingman_admin.revert_completion", session_id=session_id, reason="Never met")


def mark(race: Race, session_id: UUID, absent_user_id: UUID) -> Operation:
    return race.operation(
        "wingman_admin.mark_no_show",
        session_id=session_id,
        absent_user_id=absent_user_id,
        reason="Did not come",
    )


def counters(scene: Scene, user_id: UUID) -> tuple[int, int]:
    row = scene.profile_row(user_id)
    return row["completed_sessions"], row["no_shows"]


def kinds(db: Connection) -> list[str]:
    query = "select kind from wingman.reputation_events order by kind"
    return [row["kind"] for row in db.execute(query)]


def assert_not_in_state(outcome: Any, verb: str, status: str) -> None:
    message = f"Session cannot be {verb} - current status: {status}"
    assert_refused(outcome, "invalid_session_state", 409, message, verb=verb, status=status)


def test_a_revert_waits_for_the_completing_confirmation(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), revert(race, session_id))

    assert (met.first, met.second) == (COMPLETED, REVERTED)
    assert kinds(db) == ["completed", "completed", "completion_reverted", "completion_reverted"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_a_revert_is_refused_when_the_completing_confirmation_is_rolled_back(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), revert(race, session_id), rolled_back=True)

    assert_not_in_state(met.second, "reverted", "scheduled")
    assert met.second_wrote == set()
    assert scene.wingman_session(session_id)["reverted_at"] is None


def test_of_two_reverts_the_second_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    scene.confirm(pair[1], session_id)

    met = race.collide(revert(race, session_id), revert(race, session_id))

    assert met.first == REVERTED
    assert_not_in_state(met.second, "reverted", "reverted")
    assert met.second_wrote == set()
    assert len(kinds(db)) == 4
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_a_revert_locks_the_profiles_by_id(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    smaller, larger = pair
    session_id = scene.session_confirmed_by(larger, smaller)
    scene.confirm(smaller, session_id)

    with race.held(LOCK, smaller) as holder:
        reverted = race.started(revert(race, session_id), waits_for=holder)
        assert race.unhindered(race.statement(LOCK, larger)) == [{"id": larger}]

    assert reverted() == REVERTED


@pytest.mark.parametrize("confirmed_before", [True, False], ids=["completing", "first"])
def test_a_confirmation_after_a_no_show_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID], confirmed_before: bool
) -> None:
    session_id = scene.session_confirmed_by(*pair) if confirmed_before else scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), confirm(race, pair[1], session_id))

    assert met.first == MARKED
    message = "Session cannot be completed - current status: no_show"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="no_show")
    assert met.second_wrote == set()
    assert kinds(db) == ["no_show"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 1), (0, 0)]


def test_a_no_show_after_the_completing_confirmation_is_refused(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)

    met = race.collide(confirm(race, pair[1], session_id), mark(race, session_id, pair[0]))

    assert met.first == COMPLETED
    assert_not_in_state(met.second, "marked as a no-show", "completed")
    assert met.second_wrote == set()
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


def test_a_no_show_after_the_first_confirmation_keeps_it(
    race: Race, scene: Scene, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(confirm(race, pair[0], session_id), mark(race, session_id, pair[1]))

    assert (met.first, met.second) == (FIRST, MARKED)
    row = scene.wingman_session(session_id)
    assert (row["status"], row["user2_completed_confirmed_by_user1"]) == ("no_show", True)
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 1)]


def test_of_two_no_shows_the_second_is_refused(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), mark(race, session_id, pair[1]))

    assert met.first == MARKED
    assert_not_in_state(met.second, "marked as a no-show", "no_show")
    assert met.second_wrote == set()
    assert kinds(db) == ["no_show"]


def test_a_no_show_after_a_cancellation_is_refused(race: Race, scene: Scene, pair: tuple[UUID, UUID]) -> None:
    session_id = scene.session(*pair)

    met = race.collide(
        race.call(pair[0], "cancel_session", session_id=session_id), mark(race, session_id, pair[1])
    )

    assert met.first["status"] == "cancelled"
    assert_not_in_state(met.second, "marked as a no-show", "cancelled")
    assert met.second_wrote == set()


def test_a_revert_waits_for_the_no_show(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session(*pair)

    met = race.collide(mark(race, session_id, pair[0]), revert(race, session_id))

    assert met.second["message"] == "No-show reverted: it does not count any more."
    assert kinds(db) == ["no_show", "no_show_reverted"]
    assert [counters(scene, user_id) for user_id in pair] == [(0, 0), (0, 0)]


def test_reconciling_waits_for_a_completion_and_loses_nothing_of_it(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    set_counters(db, 5, user_id=pair[0])

    met = race.collide(
        confirm(race, pair[1], session_id), race.operation("wingman_admin.reconcile_reputation", fix=True)
    )

    assert [(row["user_id"], row["ledger_completed_sessions"]) for row in met.second] == [(pair[0], 1)]
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


def test_a_completion_waits_for_reconciling_and_counts_on_top(
    race: Race, scene: Scene, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    session_id = scene.session_confirmed_by(*pair)
    set_counters(db, 5, user_id=pair[0])

    met = race.collide(
        race.operation("wingman_admin.reconcile_reputation", fix=True), confirm(race, pair[1], session_id)
    )

    assert met.second == COMPLETED
    assert [counters(scene, user_id) for user_id in pair] == [(1, 0), (1, 0)]


def test_operators_give_up_with_busy_after_two_seconds(race: Race, scene: Scene) -> None:
    # two sessions: the second to wait for one row waits for the first
    pairs = [scene.pair(), scene.pair()]
    reverted, marked = (scene.session(*pair) for pair in pairs)

    with race.held("select from public.wingman_sessions for update") as holder:
        waiting = [
            race.started(contender, waits_for=holder)
            for contender in (revert(race, reverted), mark(race, marked, pairs[1][0]))
        ]
        for outcome in waiting:
            assert_refused(outcome(), "busy", 423, "Another request holds this record - retry")
