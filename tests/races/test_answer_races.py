"""Two answers to one match at the same instant: exactly one wins, the other gets the state."""

import pytest
from races.race import Race, assert_refused
from races.scene import Scene

ACCEPTED = {
    "success": True,
    "message": "Match accepted! You can now schedule a session with your wingman buddy.",
    "match_status": "accepted",
    "next_match": None,
}
DECLINED = {"success": True, "message": "Match declined.", "match_status": "declined", "next_match": None}
NEXT = "Match declined. Here's your next potential wingman buddy!"

by_either = pytest.mark.parametrize("user1_first", [True, False], ids=["user1 first", "user2 first"])
on_device_of = pytest.mark.parametrize("same_person", [False, True], ids=["buddy", "same person"])


@by_either
@on_device_of
@pytest.mark.parametrize(
    ("first", "second", "answer", "status"),
    [("accept", "decline", ACCEPTED, "accepted"), ("decline", "accept", DECLINED, "declined")],
)
def test_of_opposite_answers_the_first_wins_and_the_second_is_told(
    race: Race,
    scene: Scene,
    user1_first: bool,
    same_person: bool,
    first: str,
    second: str,
    answer: dict,
    status: str,
) -> None:
    pair = scene.pair()
    winner, loser = pair if user1_first else pair[::-1]
    match_id = scene.pending(*pair)

    met = race.collide(
        race.call(winner, "respond_to_match", match_id=match_id, action=first),
        race.call(winner if same_person else loser, "respond_to_match", match_id=match_id, action=second),
    )

    assert met.first == answer
    message = f"Match is already {status} - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status=status)
    assert met.second_wrote == set()
    row = scene.match(match_id)
    assert (row["status"], row["responded_by"], row["updated_at"]) == (status, winner, row["responded_at"])
    assert [scene.seeker(one)["pending_match_id"] for one in pair] == [None, None]


@by_either
@on_device_of
def test_of_two_acceptances_the_first_is_recorded_and_both_are_answered_alike(
    race: Race, scene: Scene, user1_first: bool, same_person: bool
) -> None:
    pair = scene.pair()
    winner, other = pair if user1_first else pair[::-1]
    match_id = scene.pending(*pair)

    met = race.collide(
        race.call(winner, "respond_to_match", match_id=match_id, action="accept"),
        race.call(winner if same_person else other, "respond_to_match", match_id=match_id, action="accept"),
    )

    assert (met.first, met.second) == (ACCEPTED, ACCEPTED)
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == winner


@by_either
def test_of_two_declines_by_both_people_only_the_first_makes_a_next_match(
    race: Race, scene: Scene, user1_first: bool
) -> None:
    *pair, free, also_free = scene.people(*["beginner"] * 4)
    decliner, declined = pair if user1_first else pair[::-1]
    match_id = scene.pending(*pair)
    waiting_since = scene.seeker(declined)["waiting_since"]

    met = race.collide(
        race.call(decliner, "respond_to_match", match_id=match_id, action="decline"),
        race.call(declined, "respond_to_match", match_id=match_id, action="decline"),
    )

    assert (met.first["message"], met.first["next_match"]["buddy_user_id"]) == (NEXT, free)
    assert met.second == DECLINED
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == decliner
    assert scene.matches() == [(*pair, "declined"), (decliner, free, "pending")]
    assert scene.seeker(declined)["waiting_since"] == waiting_since
    assert scene.seeker(also_free)["pending_match_id"] is None


def test_of_two_declines_on_two_devices_both_are_given_the_same_next_match(race: Race, scene: Scene) -> None:
    decliner, declined, free = scene.people(*["beginner"] * 3)
    match_id = scene.pending(decliner, declined)

    met = race.collide(
        race.call(decliner, "respond_to_match", match_id=match_id, action="decline"),
        race.call(decliner, "respond_to_match", match_id=match_id, action="decline"),
    )

    assert met.first["next_match"]["buddy_user_id"] == free
    assert met.second == met.first
    assert met.second_wrote == set()
    assert scene.matches() == [(decliner, declined, "declined"), (decliner, free, "pending")]


def test_a_decline_wins_when_the_acceptance_before_it_is_rolled_back(race: Race, scene: Scene) -> None:
    pair = scene.pair()
    match_id = scene.pending(*pair)

    met = race.collide(
        race.call(pair[0], "respond_to_match", match_id=match_id, action="accept"),
        race.call(pair[1], "respond_to_match", match_id=match_id, action="decline"),
        rolled_back=True,
    )

    assert met.second == DECLINED
    row = scene.match(match_id)
    assert (row["status"], row["responded_by"]) == ("declined", pair[1])


def test_of_two_decliners_with_one_candidate_left_the_second_gets_none_and_never_waits(
    race: Race, scene: Scene
) -> None:
    # the two partners who are declined are of a level that the other decliner cannot meet
    ann, bob, cat, dan, free = scene.people("beginner", "beginner", "advanced", "advanced", "intermediate")
    first, second = scene.pending(ann, bob), scene.pending(cat, dan)

    met = race.overtake(
        race.call(ann, "respond_to_match", match_id=first, action="decline"),
        race.call(cat, "respond_to_match", match_id=second, action="decline"),
    )

    assert met.first["next_match"]["buddy_user_id"] == free
    assert met.second == DECLINED
    assert scene.matches() == [(ann, bob, "declined"), (cat, dan, "declined"), (ann, free, "pending")]


@by_either
@pytest.mark.parametrize("action", ["accept", "decline"])
def test_an_answer_locks_the_smaller_seeker_first(
    race: Race, scene: Scene, user1_first: bool, action: str
) -> None:
    smaller, larger = scene.pair()
    match_id = scene.pending(smaller, larger)
    answer = race.call(
        smaller if user1_first else larger, "respond_to_match", match_id=match_id, action=action
    )
    lock = "select user_id from wingman.matchmaking_pool where user_id = %s for no key update"

    with race.held(lock, smaller) as holder:
        outcome = race.started(answer, waits_for=holder)
        assert race.unhindered(race.statement(lock, larger)) == [{"user_id": larger}]

    assert outcome()["success"]


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_an_answer_locks_the_seekers_before_the_match(race: Race, scene: Scene, action: str) -> None:
    pair = scene.pair()
    match_id = scene.pending(*pair)
    answer = race.call(pair[0], "respond_to_match", match_id=match_id, action=action)
    search = race.call(pair[1], "create_automatic_match")

    with race.held("select from public.wingman_matches where id = %s for no key update", match_id) as holder:
        answered = race.started(answer, waits_for=holder)
        # were the match locked first, this search would take the seekers: each would wait for the other
        searched = race.started(search, waits_for=answer.pid)

    assert answered()["success"]
    assert searched()["success"] is False


def test_a_decline_frees_the_other_whose_search_was_waiting(race: Race, scene: Scene) -> None:
    decliner, declined, free, also_free = scene.people(*["beginner"] * 4)
    match_id = scene.pending(decliner, declined)
    waiting_since = scene.seeker(declined)["waiting_since"]

    met = race.collide(
        race.call(decliner, "respond_to_match", match_id=match_id, action="decline"),
        race.call(declined, "create_automatic_match"),
    )

    assert met.first["next_match"]["buddy_user_id"] == free
    assert met.second["message"] == "Wingman buddy match created successfully!"
    assert met.second["buddy_user_id"] == also_free
    assert scene.matches() == [
        (decliner, declined, "declined"),
        (decliner, free, "pending"),
        (declined, also_free, "pending"),
    ]
    assert scene.seeker(declined)["waiting_since"] == waiting_since


def test_a_decline_waits_for_the_other_s_search_which_still_saw_the_match(race: Race, scene: Scene) -> None:
    decliner, declined, free = scene.people(*["beginner"] * 3)
    match_id = scene.pending(decliner, declined)

    met = race.collide(
        race.call(declined, "create_automatic_match"),
        race.call(decliner, "respond_to_match", match_id=match_id, action="decline"),
    )

    assert (met.first["message"], met.first["match_id"]) == (
        "You already have a pending wingman match",
        match_id,
    )
    assert (met.second["message"], met.second["next_match"]["buddy_user_id"]) == (NEXT, free)
    assert scene.matches() == [(decliner, declined, "declined"), (decliner, free, "pending")]


def test_an_acceptance_frees_the_other_whose_search_was_waiting(race: Race, scene: Scene) -> None:
    accepter, other, free = scene.people(*["beginner"] * 3)
    match_id = scene.pending(accepter, other)

    met = race.collide(
        race.call(accepter, "respond_to_match", match_id=match_id, action="accept"),
        race.call(other, "create_automatic_match"),
    )

    assert met.first == ACCEPTED
    assert met.second["buddy_user_id"] == free
    assert scene.matches() == [(accepter, other, "accepted"), (other, free, "pending")]
