"""Somebody blocks while something else happens between the two: afterwards nothing is open between them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Race, assert_refused
from races.scene import Scene

BLOCKED = {"success": True, "message": "User blocked. You will not be matched with each other."}
UNBLOCKED = {"success": True, "message": "User unblocked."}
CREATED = "Wingman buddy match created successfully!"
BY_EITHER = pytest.mark.parametrize("smaller_blocks", [True, False], ids=["smaller blocks", "larger blocks"])


def block(race: Race, user_id: UUID, subject_id: UUID) -> Call:
    return race.call(user_id, "block_user", subject_id=subject_id)


def unblock(race: Race, user_id: UUID, subject_id: UUID) -> Call:
    return race.call(user_id, "unblock_user", subject_id=subject_id)


def search(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "create_automatic_match")


def respond(race: Race, user_id: UUID, match_id: UUID, action: str) -> Call:
    return race.call(user_id, "respond_to_match", match_id=match_id, action=action)


@pytest.fixture
def sides(scene: Scene, smaller_blocks: bool) -> tuple[UUID, UUID]:
    """The one who blocks, and the one who is blocked."""
    pair = scene.pair()
    return pair if smaller_blocks else pair[::-1]


# Searches.


@BY_EITHER
@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker searches", "blocked searches"])
def test_a_search_waits_for_a_block_and_does_not_find_the_other(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], by_blocker: bool
) -> None:
    met = race.collide(block(race, *sides), search(race, sides[0 if by_blocker else 1]))

    assert (met.first, met.second["success"]) == (BLOCKED, False)
    assert met.second_wrote == set()
    assert scene.matches() == []


def test_a_search_finds_the_other_when_the_block_is_rolled_back(
    race: Race, scene: Scene, db: Connection
) -> None:
    ana, ben = scene.pair()

    met = race.collide(block(race, ana, ben), search(race, ben), rolled_back=True)

    assert (met.second["message"], met.second["buddy_user_id"]) == (CREATED, ana)
    assert scene.blocks() == []


@BY_EITHER
@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker searches", "blocked searches"])
def test_the_match_of_a_search_that_was_first_is_declined_by_the_blocker(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], by_blocker: bool
) -> None:
    met = race.collide(search(race, sides[0 if by_blocker else 1]), block(race, *sides))

    assert (met.first["message"], met.second) == (CREATED, BLOCKED)
    assert met.second_wrote == {"user_blocks", "wingman_matches", "matchmaking_pool"}
    row = scene.match(met.first["match_id"])
    assert (row["status"], row["responded_by"]) == ("declined", sides[0])


def test_the_next_match_of_a_decline_is_not_the_one_who_was_blocking(race: Race, scene: Scene) -> None:
    decliner, declined, blocker = scene.people(*["beginner"] * 3)
    match_id = scene.pending(decliner, declined)

    met = race.collide(block(race, blocker, decliner), respond(race, decliner, match_id, "decline"))

    assert (met.second["match_status"], met.second["next_match"]) == ("declined", None)


def test_the_next_match_of_a_decline_that_was_first_is_declined_by_the_blocker(
    race: Race, scene: Scene
) -> None:
    decliner, declined, blocker = scene.people(*["beginner"] * 3)
    match_id = scene.pending(decliner, declined)

    met = race.collide(respond(race, decliner, match_id, "decline"), block(race, blocker, decliner))

    row = scene.match(met.first["next_match"]["match_id"])
    assert (row["status"], row["responded_by"]) == ("declined", blocker)


# Answers.


@BY_EITHER
@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker accepts", "blocked accepts"])
def test_an_acceptance_that_waited_for_a_block_comes_too_late(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], by_blocker: bool
) -> None:
    match_id = scene.pending(*sides)

    met = race.collide(block(race, *sides), respond(race, sides[0 if by_blocker else 1], match_id, "accept"))

    message = "Match is already declined - cannot respond"
    assert_refused(met.second, "match_already_resolved", 400, message, status="declined")
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == sides[0]


def test_a_decline_that_waited_for_a_block_is_told_that_it_is_declined(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    match_id = scene.pending(ana, ben)

    met = race.collide(block(race, ana, ben), respond(race, ben, match_id, "decline"))

    assert (met.second["match_status"], met.second["next_match"]) == ("declined", None)
    assert met.second_wrote == set()
    assert scene.match(match_id)["responded_by"] == ana


@BY_EITHER
@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker accepts", "blocked accepts"])
def test_a_match_accepted_before_the_block_ends_by_it(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], by_blocker: bool
) -> None:
    match_id = scene.pending(*sides)
    accepter = sides[0 if by_blocker else 1]

    met = race.collide(respond(race, accepter, match_id, "accept"), block(race, *sides))

    assert (met.first["match_status"], met.second) == ("accepted", BLOCKED)
    row = scene.match(match_id)
    assert (row["status"], row["responded_by"], row["ended_at"]) == ("accepted", accepter, row["updated_at"])


def test_a_match_declined_before_the_block_stays_declined_by_the_decliner(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    match_id = scene.pending(ana, ben)

    met = race.collide(respond(race, ben, match_id, "decline"), block(race, ana, ben))

    assert met.second_wrote == {"user_blocks"}
    assert scene.match(match_id)["responded_by"] == ben


# Accepted matches and their sessions.


def arrange(race: Race, user_id: UUID, match_id: UUID) -> Call:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    return race.call(
        user_id, "create_session", match_id=match_id, scheduled_time=tomorrow, venue_name="Hot Clube"
    )


def test_a_session_that_waited_for_a_block_is_refused(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    match_id = scene.accepted(ana, ben)

    met = race.collide(block(race, ana, ben), arrange(race, ben, match_id))

    message = "Match status must be 'accepted' (current: ended)"
    assert_refused(met.second, "match_not_accepted", 400, message, status="ended")
    assert met.second_wrote == set()


def test_a_session_made_before_the_block_is_cancelled_by_it(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    match_id = scene.accepted(ana, ben)

    met = race.collide(arrange(race, ben, match_id), block(race, ana, ben))

    session = scene.wingman_session(met.first["id"])
    assert (session["status"], session["cancelled_by"]) == ("cancelled", ana)
    assert scene.match(match_id)["ended_at"] is not None


@pytest.mark.parametrize("completing", [True, False], ids=["completing", "first confirmation"])
def test_a_confirmation_that_waited_for_a_block_is_refused(
    race: Race, scene: Scene, completing: bool
) -> None:
    ana, ben = scene.pair()
    session_id = scene.session_confirmed_by(ana, ben) if completing else scene.session(ana, ben)

    met = race.collide(
        block(race, ana, ben), race.call(ben, "confirm_session_completion", session_id=session_id)
    )

    message = "Session cannot be completed - current status: cancelled"
    assert_refused(met.second, "session_not_confirmable", 400, message, status="cancelled")
    assert met.second_wrote == set()
    assert scene.ledger() == []


def test_a_completion_before_the_block_counts(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    session_id = scene.session_confirmed_by(ana, ben)

    met = race.collide(
        race.call(ben, "confirm_session_completion", session_id=session_id), block(race, ana, ben)
    )

    assert (met.first["both_confirmed"], met.second) == (True, BLOCKED)
    session = scene.wingman_session(session_id)
    assert session["status"] == "completed"
    assert scene.match(session["match_id"])["ended_at"] is not None
    assert sorted(scene.ledger()) == sorted([ana, ben])


def test_a_first_confirmation_before_the_block_stays_and_completes_nothing(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    session_id = scene.session(ana, ben)

    race.collide(race.call(ben, "confirm_session_completion", session_id=session_id), block(race, ana, ben))

    session = scene.wingman_session(session_id)
    assert (session["status"], session["user1_completed_confirmed_by_user2"]) == ("cancelled", True)
    assert scene.ledger() == []


@pytest.mark.parametrize("block_first", [True, False], ids=["block first", "end first"])
def test_a_match_ends_once_by_a_block_and_end_match(race: Race, scene: Scene, block_first: bool) -> None:
    ana, ben = scene.pair()
    match_id = scene.accepted(ana, ben)
    contenders: list[Call] = [block(race, ana, ben), race.call(ben, "end_match", match_id=match_id)]
    first, second = contenders if block_first else contenders[::-1]

    met = race.collide(first, second)

    assert met.second_wrote == (set() if block_first else {"user_blocks"})
    row = scene.match(match_id)
    assert row["ended_at"] == row["updated_at"]


# Blocks.


@BY_EITHER
@pytest.mark.parametrize("status", ["pending", "accepted", "lapsed"])
def test_of_two_who_block_each_other_the_first_parts_them(
    race: Race, scene: Scene, db: Connection, sides: tuple[UUID, UUID], status: str
) -> None:
    match_id = scene.accepted(*sides) if status == "accepted" else scene.pending(*sides)
    if status == "lapsed":
        scene.lapse(match_id)

    met = race.collide(block(race, *sides), block(race, *sides[::-1]))

    assert (met.first, met.second) == (BLOCKED, BLOCKED)
    assert met.second_wrote == {"user_blocks"}
    assert scene.blocks() == sorted([sides, sides[::-1]])
    row = scene.match(match_id)
    expected = {"pending": "declined", "lapsed": "expired"}.get(status, status)
    assert (row["status"], row["ended_at"] is not None) == (expected, status == "accepted")
    if status == "pending":
        assert row["responded_by"] == sides[0]


def test_of_two_equal_blocks_the_second_changes_nothing(race: Race, scene: Scene, db: Connection) -> None:
    ana, ben = scene.pair()

    met = race.collide(block(race, ana, ben), block(race, ana, ben))

    assert (met.second, met.second_wrote) == (BLOCKED, set())
    assert scene.blocks() == [(ana, ben)]


def test_people_without_a_location_part_once_as_well(race: Race, scene: Scene, db: Connection) -> None:
    ana, ben = scene.pair()
    match_id = scene.accepted(ana, ben)
    db.execute("delete from public.user_locations")

    met = race.collide(block(race, ana, ben), block(race, ben, ana))

    assert met.second_wrote == {"user_blocks"}
    assert scene.match(match_id)["ended_at"] is not None


@pytest.mark.parametrize("block_first", [True, False], ids=["block first", "unblock first"])
def test_of_a_block_and_an_unblock_the_second_decides(
    race: Race, scene: Scene, db: Connection, block_first: bool
) -> None:
    ana, ben = scene.pair()
    contenders = [block(race, ana, ben), unblock(race, ana, ben)]
    first, second = contenders if block_first else contenders[::-1]

    met = race.collide(first, second)

    assert [met.first, met.second] == ([BLOCKED, UNBLOCKED] if block_first else [UNBLOCKED, BLOCKED])
    assert scene.blocks() == ([] if block_first else [(ana, ben)])


@BY_EITHER
@pytest.mark.parametrize("by_blocker", [True, False], ids=["blocker searches", "blocked searches"])
def test_a_search_waits_for_an_unblock_and_finds_the_other(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], by_blocker: bool
) -> None:
    block(race, *sides)()

    met = race.collide(unblock(race, *sides), search(race, sides[0 if by_blocker else 1]))

    assert (met.second["message"], met.second["buddy_user_id"]) == (CREATED, sides[1 if by_blocker else 0])


def test_an_unblock_waits_for_a_search_that_still_sees_the_block(race: Race, scene: Scene) -> None:
    ana, ben = scene.pair()
    block(race, ana, ben)()

    met = race.collide(search(race, ben), unblock(race, ana, ben))

    assert (met.first["success"], met.second) == (False, UNBLOCKED)
    assert search(race, ben)()["buddy_user_id"] == ana


# Accounts.


def deletion(race: Race, user_id: UUID) -> Any:
    return race.statement("delete from auth.users where id = %s", user_id)


@BY_EITHER
@pytest.mark.parametrize("leaver", ["blocker", "blocked"])
@pytest.mark.parametrize("placed", [True, False], ids=["with a location", "without"])
def test_a_block_that_waited_for_a_deletion_finds_nobody(
    race: Race, scene: Scene, db: Connection, sides: tuple[UUID, UUID], leaver: str, placed: bool
) -> None:
    match_id = scene.accepted(*sides)
    if not placed:
        db.execute("delete from public.user_locations")

    met = race.collide(deletion(race, sides[0 if leaver == "blocker" else 1]), block(race, *sides))

    assert_refused(met.second, "user_not_found", 404, "User not found")
    assert met.second_wrote == set()
    assert scene.blocks() == []
    assert scene.match(match_id)["ended_at"] is not None


@BY_EITHER
@pytest.mark.parametrize("leaver", ["blocker", "blocked"])
def test_a_deletion_that_waited_for_a_block_takes_it_away_only_with_the_blocker(
    race: Race, scene: Scene, sides: tuple[UUID, UUID], leaver: str
) -> None:
    match_id = scene.pending(*sides)

    met = race.collide(block(race, *sides), deletion(race, sides[0 if leaver == "blocker" else 1]))

    assert met.first == BLOCKED
    assert scene.blocks() == ([] if leaver == "blocker" else [sides])
    assert scene.match(match_id)["responded_by"] == sides[0]


@BY_EITHER
@pytest.mark.parametrize("leaver", ["blocker", "blocked"])
def test_a_block_and_a_deletion_never_wait_for_each_other(
    race: Race, scene: Scene, db: Connection, sides: tuple[UUID, UUID], leaver: str
) -> None:
    leaving = sides[0 if leaver == "blocker" else 1]
    blocking, leave = block(race, *sides), deletion(race, leaving)

    # the block comes first at the seeker, and must not want a profile then which the deletion holds already
    with race.held(
        "select from wingman.matchmaking_pool where user_id = %s for no key update", leaving
    ) as gate:
        blocked = race.started(blocking, waits_for=gate)
        left = race.started(leave, waits_for=blocking.pid)

    assert (blocked(), left()) == (BLOCKED, [])
    assert scene.blocks() == ([] if leaver == "blocker" else [sides])
