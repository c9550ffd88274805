"""Calls that meet over a diary or a proposal: nobody is booked twice, or agrees to what they never saw."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from races.race import Call, Race, assert_refused
from races.scene import Scene

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=2)
LATER = NOON + timedelta(hours=5)

in_both_orders = pytest.mark.parametrize("other_first", [False, True], ids=["in this order", "the other way"])


@pytest.fixture
def three(scene: Scene) -> list[UUID]:
    """Somebody and two buddies."""
    return scene.people(*["beginner"] * 3)


def create(race: Race, user_id: UUID, match_id: UUID, time: datetime = NOON) -> Call:
    return race.call(
        user_id, "create_session", match_id=match_id, scheduled_time=time, venue_name="Hot Clube"
    )


def agree(race: Race, user_id: UUID, session_id: UUID, **seen: Any) -> Call:
    return race.call(user_id, "agree_to_session", session_id=session_id, **seen)


def move(race: Race, user_id: UUID, session_id: UUID, time: datetime = LATER) -> Call:
    return race.call(user_id, "reschedule_session", session_id=session_id, scheduled_time=time)


def assert_booked_once(scene: Scene, met: Any) -> None:
    """The second was told of the first."""
    first = met.first["id"]
    time = f"{NOON:%Y-%m-%d %H:%M} UTC"
    assert_refused(
        met.second,
        "schedule_conflict",
        409,
        f"You have another session at {time}",
        session_id=str(first),
        time=time,
    )
    assert met.second_wrote == set()
    assert scene.wingman_session(first)["scheduled_time"] == NOON


class TestOneDiary:
    """What one person does on two devices for the same minute."""

    @in_both_orders
    def test_of_two_new_sessions_with_two_buddies_there_is_one(
        self, race: Race, scene: Scene, three: list[UUID], other_first: bool
    ) -> None:
        me, ben, cleo = three
        calls = [create(race, me, scene.accepted(me, buddy)) for buddy in (ben, cleo)]
        assert_booked_once(scene, race.collide(*calls[:: -1 if other_first else 1]))

    def test_if_the_first_is_rolled_back_there_is_the_second(
        self, race: Race, scene: Scene, three: list[UUID]
    ) -> None:
        me, ben, cleo = three
        calls = [create(race, me, scene.accepted(me, buddy)) for buddy in (ben, cleo)]
        assert race.collide(*calls, rolled_back=True).second["buddy_user_id"] == cleo

    @in_both_orders
    def test_a_new_session_meets_an_agreement(
        self, race: Race, scene: Scene, three: list[UUID], other_first: bool
    ) -> None:
        me, ben, cleo = three
        calls = [create(race, me, scene.accepted(me, ben)), agree(race, me, scene.proposal(cleo, me, NOON))]
        assert_booked_once(scene, race.collide(*calls[:: -1 if other_first else 1]))

    def test_an_agreement_meets_another_one(self, race: Race, scene: Scene, three: list[UUID]) -> None:
        me, ben, cleo = three
        calls = [agree(race, me, scene.proposal(buddy, me, NOON)) for buddy in (ben, cleo)]
        assert_booked_once(scene, race.collide(*calls))

    @in_both_orders
    def test_an_agreement_meets_a_move(
        self, race: Race, scene: Scene, three: list[UUID], other_first: bool
    ) -> None:
        me, ben, cleo = three
        moved = move(race, me, scene.proposal(ben, me, LATER), NOON)
        calls = [agree(race, me, scene.proposal(cleo, me, NOON)), moved]
        assert_booked_once(scene, race.collide(*calls[:: -1 if other_first else 1]))

    @in_both_orders
    def test_a_new_session_meets_a_move(
        self, race: Race, scene: Scene, three: list[UUID], other_first: bool
    ) -> None:
        me, ben, cleo = three
        moved = move(race, me, scene.proposal(me, ben, LATER), NOON)
        calls = [create(race, me, scene.accepted(me, cleo)), moved]
        assert_booked_once(scene, race.collide(*calls[:: -1 if other_first else 1]))

    def test_two_people_who_book_the_same_minute_do_not_wait_for_each_other(
        self, race: Race, scene: Scene, three: list[UUID]
    ) -> None:
        me, ben, cleo = three
        met = race.overtake(
            create(race, me, scene.accepted(me, cleo)), create(race, ben, scene.accepted(ben, cleo))
        )
        assert (met.first["proposed_by_me"], met.second["proposed_by_me"]) == (True, True)


class TestOneProposal:
    @pytest.fixture
    def two(self, scene: Scene) -> tuple[UUID, UUID]:
        """Who has proposed a session, and who is to agree."""
        return scene.pair()

    @pytest.fixture
    def session_id(self, scene: Scene, two: tuple[UUID, UUID]) -> UUID:
        return scene.proposal(*two, NOON)

    def test_an_agreement_after_a_move_is_to_what_there_is_now(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        met = race.collide(move(race, two[0], session_id), agree(race, two[1], session_id))
        assert (met.first["agreed_at"], met.second["scheduled_time"]) == (None, LATER)
        row = scene.wingman_session(session_id)
        assert (row["proposed_by"], row["agreed_by"], row["scheduled_time"]) == (*two, LATER)

    def test_unless_it_says_what_was_seen(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        seen = scene.wingman_session(session_id)["proposed_at"]
        met = race.collide(move(race, two[0], session_id), agree(race, two[1], session_id, proposed_at=seen))
        state = met.second.detail.pop("state")
        assert_refused(
            met.second, "proposal_changed", 409, "Your buddy has proposed something else meanwhile"
        )
        assert datetime.fromisoformat(state["proposed_at"]) == met.first["proposed_at"] > seen
        assert met.second_wrote == set()
        assert scene.wingman_session(session_id)["agreed_at"] is None

    def test_if_the_move_is_rolled_back_it_is_what_was_seen(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        seen = scene.wingman_session(session_id)["proposed_at"]
        met = race.collide(
            move(race, two[0], session_id),
            agree(race, two[1], session_id, proposed_at=seen),
            rolled_back=True,
        )
        assert (met.second["scheduled_time"], met.second["agreed_at"] is not None) == (NOON, True)

    @pytest.mark.parametrize("mover", [0, 1], ids=["who proposed", "who agrees"])
    def test_a_move_after_an_agreement_asks_anew(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID, mover: int
    ) -> None:
        met = race.collide(agree(race, two[1], session_id), move(race, two[mover], session_id))
        assert (met.first["agreed_at"] is not None, met.second["agreed_at"]) == (True, None)
        row = scene.wingman_session(session_id)
        assert (row["proposed_by"], row["agreed_by"], row["scheduled_time"]) == (two[mover], None, LATER)

    def test_who_is_overtaken_by_an_own_move_has_nothing_to_agree_to(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        met = race.collide(move(race, two[1], session_id), agree(race, two[1], session_id))
        message = "Cannot agree to your own proposal - only your buddy can agree to it"
        assert_refused(met.second, "self_agreement", 400, message)
        assert met.second_wrote == set()

    def test_of_two_moves_the_second_one_s_proposal_stands(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        latest = LATER + timedelta(hours=1)
        met = race.collide(move(race, two[0], session_id), move(race, two[1], session_id, latest))
        assert met.first["scheduled_time"] == LATER
        row = scene.wingman_session(session_id)
        assert (row["scheduled_time"], row["proposed_by"], row["agreed_by"]) == (latest, two[1], None)

    def test_of_two_moves_to_the_same_time_the_second_changes_nothing(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        met = race.collide(move(race, two[0], session_id), move(race, two[1], session_id))
        assert (met.second["scheduled_time"], met.second["proposed_by_me"]) == (LATER, False)
        assert met.second_wrote == set()

    def test_a_second_agreement_on_another_device_changes_nothing(
        self, race: Race, two: tuple[UUID, UUID], session_id: UUID
    ) -> None:
        met = race.collide(agree(race, two[1], session_id), agree(race, two[1], session_id))
        assert met.second == met.first
        assert met.second_wrote == set()

    @pytest.mark.parametrize(
        ("act", "verb"), [(agree, "agreed to"), (move, "rescheduled")], ids=["agree", "move"]
    )
    @pytest.mark.parametrize("canceller", [0, 1], ids=["by who proposed", "by who agrees"])
    def test_a_cancelled_session_is_neither_agreed_to_nor_moved(
        self,
        race: Race,
        scene: Scene,
        two: tuple[UUID, UUID],
        session_id: UUID,
        act: Any,
        verb: str,
        canceller: int,
    ) -> None:
        met = race.collide(
            race.call(two[canceller], "cancel_session", session_id=session_id), act(race, two[1], session_id)
        )
        assert met.first["status"] == "cancelled"
        message = f"Session cannot be {verb} - current status: cancelled"
        assert_refused(met.second, "invalid_session_state", 409, message, verb=verb, status="cancelled")
        assert met.second_wrote == set()

    @pytest.mark.parametrize("canceller", [0, 1], ids=["by who proposed", "by who agrees"])
    def test_what_was_agreed_to_can_still_be_cancelled(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID], session_id: UUID, canceller: int
    ) -> None:
        met = race.collide(
            agree(race, two[1], session_id),
            race.call(two[canceller], "cancel_session", session_id=session_id),
        )
        assert met.second["status"] == "cancelled"
        row = scene.wingman_session(session_id)
        assert (row["agreed_by"], row["cancelled_by"]) == (two[1], two[canceller])
        assert row["agreed_at"] == met.first["agreed_at"] == met.second["agreed_at"]

    def test_a_session_that_has_begun_is_not_moved(
        self, race: Race, scene: Scene, two: tuple[UUID, UUID]
    ) -> None:
        session_id = scene.proposal(*two, datetime.now(UTC) + timedelta(minutes=20))
        met = race.collide(
            race.call(two[0], "start_session", session_id=session_id), move(race, two[1], session_id)
        )
        message = "Session cannot be rescheduled - current status: in_progress"
        verb = "rescheduled"
        assert_refused(met.second, "invalid_session_state", 409, message, verb=verb, status="in_progress")
        assert met.second_wrote == set()
