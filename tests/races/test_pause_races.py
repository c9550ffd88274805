"""Somebody pauses or resumes while a search is about to find them, or they search themselves."""

from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Race, assert_refused
from races.scene import Scene

PAUSED = {"success": True, "message": "Matching paused. Nobody will be matched with you until you resume it."}
RESUMED = {"success": True, "message": "Matching resumed."}
CREATED = "Wingman buddy match created successfully!"
BUSY = ("busy", 423, "Another request holds this record - retry")
REFUSED = ("matching_paused", 409, "Matching is paused - resume it first")


def pause(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "pause_matching")


def resume(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "resume_matching")


def search(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "create_automatic_match")


def test_a_search_waits_for_the_only_candidate_above_who_pauses_and_finds_none(
    race: Race, scene: Scene
) -> None:
    seeker, candidate = scene.pair()

    met = race.collide(pause(race, candidate), search(race, seeker))

    assert (met.first, met.second["success"]) == (PAUSED, False)
    assert met.second_wrote == set()


def test_a_search_waits_while_the_only_candidate_below_pauses(race: Race, scene: Scene) -> None:
    candidate, seeker = scene.pair()

    met = race.collide(pause(race, candidate), search(race, seeker))

    assert met.second["success"] is False
    assert met.second_wrote == set()
    assert scene.matches() == []


@pytest.mark.parametrize("smaller_searches", [True, False], ids=["smaller searches", "larger searches"])
def test_a_pause_waits_for_the_search_that_has_found_the_person_and_keeps_the_match(
    race: Race, scene: Scene, smaller_searches: bool
) -> None:
    pair = scene.pair()
    seeker, candidate = pair if smaller_searches else pair[::-1]

    met = race.collide(search(race, seeker), pause(race, candidate))

    assert (met.first["buddy_user_id"], met.second) == (candidate, PAUSED)
    row = scene.seeker(candidate)
    assert (row["paused"], row["pending_match_id"]) == (True, met.first["match_id"])


def test_a_pause_takes_place_when_the_search_is_rolled_back(race: Race, scene: Scene) -> None:
    seeker, candidate = scene.pair()

    met = race.collide(search(race, seeker), pause(race, candidate), rolled_back=True)

    assert met.second == PAUSED
    row = scene.seeker(candidate)
    assert (row["paused"], row["pending_match_id"], scene.matches()) == (True, None, [])


def test_the_own_search_that_waited_for_a_pause_is_refused(race: Race, scene: Scene) -> None:
    seeker, _candidate = scene.pair()

    met = race.collide(pause(race, seeker), search(race, seeker))

    assert_refused(met.second, *REFUSED)
    assert met.second_wrote == set()


def test_a_pause_that_waited_for_the_own_search_keeps_the_match(race: Race, scene: Scene) -> None:
    seeker, candidate = scene.pair()

    met = race.collide(search(race, seeker), pause(race, seeker))

    assert (met.first["buddy_user_id"], met.second) == (candidate, PAUSED)
    assert scene.seeker(seeker)["pending_match_id"] == met.first["match_id"]


def test_a_decline_that_waited_for_a_pause_brings_no_next_match(race: Race, scene: Scene) -> None:
    decliner, declined, _free = scene.people(*["beginner"] * 3)
    match_id = scene.pending(decliner, declined)

    met = race.collide(
        pause(race, decliner), race.call(decliner, "respond_to_match", match_id=match_id, action="decline")
    )

    assert (met.second["match_status"], met.second["next_match"]) == ("declined", None)


def test_a_search_finds_somebody_who_resumes_only_once_they_have(race: Race, scene: Scene) -> None:
    seeker, candidate = scene.pair()
    pause(race, candidate)()

    met = race.overtake(resume(race, candidate), search(race, seeker))

    assert (met.first, met.second["success"]) == (RESUMED, False)
    assert search(race, seeker)()["buddy_user_id"] == candidate


def test_the_own_search_that_waited_for_a_resumption_finds(race: Race, scene: Scene) -> None:
    seeker, candidate = scene.pair()
    pause(race, seeker)()

    met = race.collide(resume(race, seeker), search(race, seeker))

    assert (met.second["message"], met.second["buddy_user_id"]) == (CREATED, candidate)


@pytest.mark.parametrize("pause_first", [True, False], ids=["pause first", "resume first"])
def test_of_a_pause_and_a_resumption_the_second_decides(race: Race, scene: Scene, pause_first: bool) -> None:
    (user_id,) = scene.people("beginner")
    contenders = [pause(race, user_id), resume(race, user_id)]
    first, second = contenders if pause_first else contenders[::-1]

    race.collide(first, second)

    assert scene.seeker(user_id)["paused"] is not pause_first


@pytest.fixture
def ghost(scene: Scene, db: Connection) -> UUID:
    """Somebody whose third offer in a row has lapsed and is not settled."""
    other, ghost = scene.pair()
    db.execute("update wingman.matchmaking_pool set unanswered_offers = 2 where user_id = %s", [ghost])
    scene.lapse(scene.pending(other, ghost))
    return ghost


def test_the_own_search_that_waited_for_the_expiry_that_pauses_ends_the_pause(
    race: Race, scene: Scene, ghost: UUID
) -> None:
    (passer_by,) = scene.people("advanced")

    met = race.collide(search(race, passer_by), search(race, ghost))

    assert (met.first["success"], met.second["success"]) == (False, False)
    row = scene.seeker(ghost)
    assert (row["unanswered_offers"], row["paused"], row["paused_automatically"]) == (0, False, False)


def test_a_chosen_pause_that_waited_for_the_expiry_that_pauses_stays_chosen(
    race: Race, scene: Scene, ghost: UUID
) -> None:
    (passer_by,) = scene.people("advanced")

    met = race.collide(search(race, passer_by), pause(race, ghost))

    assert met.second == PAUSED
    assert_refused(race.unhindered(search(race, ghost)), *REFUSED)
    row = scene.seeker(ghost)
    assert (row["unanswered_offers"], row["paused"], row["paused_automatically"]) == (3, True, False)


def test_a_search_passes_by_an_expiry_while_its_ghost_pauses(race: Race, scene: Scene, ghost: UUID) -> None:
    (passer_by,) = scene.people("advanced")

    met = race.overtake(pause(race, ghost), search(race, passer_by))

    assert met.second["success"] is False
    assert [status for _, _, status in scene.matches()] == ["pending"]
