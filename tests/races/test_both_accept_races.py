"""Answers that meet over a match that takes an accept of each: two accepts of one person are never both."""

from uuid import UUID

import pytest
from races.race import Call, Race, assert_refused
from races.scene import Scene

FIRST = {
    "success": True,
    "message": "Accepted. Waiting for your buddy's answer.",
    "match_status": "pending",
    "next_match": None,
}
SECOND = {
    "success": True,
    "message": "Match accepted! You can now schedule a session with your wingman buddy.",
    "match_status": "accepted",
    "next_match": None,
}

by_either = pytest.mark.parametrize("user1_first", [True, False], ids=["user1 first", "user2 first"])
on_device_of = pytest.mark.parametrize("same_person", [False, True], ids=["buddy", "same person"])


@pytest.fixture
def pair(scene: Scene) -> tuple[UUID, UUID]:
    return scene.pair()


@pytest.fixture
def match_id(scene: Scene, pair: tuple[UUID, UUID]) -> UUID:
    return scene.pending(*pair, needs_both=True)


def respond(race: Race, user_id: UUID, match_id: UUID, action: str = "accept", **key: str) -> Call:
    return race.call(user_id, "respond_to_match", match_id=match_id, action=action, **key)


@by_either
def test_of_both_accepting_at_once_the_second_makes_them_partners(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]

    met = race.collide(respond(race, one, match_id), respond(race, other, match_id))

    assert (met.first, met.second) == (FIRST, SECOND)
    row = scene.match(match_id)
    assert (row["status"], row["first_accepted_by"], row["responded_by"]) == ("accepted", one, other)
    assert [scene.seeker(user_id)["pending_match_id"] for user_id in pair] == [None, None]


@by_either
def test_if_the_first_accept_is_rolled_back_the_other_is_the_first(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]

    met = race.collide(respond(race, one, match_id), respond(race, other, match_id), rolled_back=True)

    assert met.second == FIRST
    row = scene.match(match_id)
    assert (row["status"], row["first_accepted_by"]) == ("pending", other)


@by_either
@pytest.mark.parametrize("keys", [("", ""), ("one", "other")], ids=["without keys", "with two keys"])
def test_of_one_accepting_on_two_devices_it_is_the_first_accept_twice(
    race: Race,
    scene: Scene,
    pair: tuple[UUID, UUID],
    match_id: UUID,
    user1_first: bool,
    keys: tuple[str, str],
) -> None:
    me = pair[0] if user1_first else pair[1]
    calls = [respond(race, me, match_id, **{"idempotency_key": key} if key else {}) for key in keys]

    met = race.collide(*calls)

    assert (met.first, met.second) == (FIRST, FIRST)
    assert met.second_wrote == ({"idempotency_keys"} if keys[0] else set())
    row = scene.match(match_id)
    assert (row["status"], row["first_accepted_by"], row["responded_by"]) == ("pending", me, None)


@by_either
def test_of_one_accepting_again_while_the_other_accepts_both_are_told(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]
    respond(race, one, match_id)()

    met = race.collide(respond(race, other, match_id), respond(race, one, match_id))

    assert (met.first, met.second) == (SECOND, SECOND)
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == other


@by_either
@on_device_of
def test_a_decline_after_the_first_accept_ends_the_match(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool, same_person: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]
    decliner = one if same_person else other

    met = race.collide(respond(race, one, match_id), respond(race, decliner, match_id, "decline"))

    assert met.first == FIRST
    assert met.second["match_status"] == "declined"
    row = scene.match(match_id)
    assert (row["status"], row["first_accepted_by"], row["responded_by"]) == ("declined", one, decliner)


@by_either
@on_device_of
def test_an_accept_after_a_decline_is_told_so(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool, same_person: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]

    met = race.collide(
        respond(race, one, match_id, "decline"), respond(race, one if same_person else other, match_id)
    )

    message = "Match is already declined - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="declined")
    assert met.second_wrote == set()
    assert scene.match(match_id)["first_accepted_by"] is None


@by_either
def test_a_decline_after_both_accepts_is_too_late(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]
    respond(race, one, match_id)()

    met = race.collide(respond(race, other, match_id), respond(race, one, match_id, "decline"))

    assert met.first == SECOND
    message = "Match is already accepted - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="accepted")
    assert met.second_wrote == set()


@by_either
def test_the_second_accept_after_a_decline_is_too_late(
    race: Race, scene: Scene, pair: tuple[UUID, UUID], match_id: UUID, user1_first: bool
) -> None:
    one, other = pair if user1_first else pair[::-1]
    respond(race, one, match_id)()

    met = race.collide(respond(race, one, match_id, "decline"), respond(race, other, match_id))

    message = "Match is already declined - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="declined")
    assert scene.match(match_id)["status"] == "declined"
