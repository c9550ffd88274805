"""Somebody opts in or out while others write there: the same person, an erasure, a suspension, the reader."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from harness import Connection
from leaderboard.boards import Board, count, expected, page
from races.race import Call, Operation, Race, Statement, assert_refused
from races.scene import Scene

ERASED = {"success": True, "message": "Your data has been erased."}
NAMED = {"success": True, "message": "You are on the leaderboard, with your first name."}
OFF = {"success": True, "message": "You are not on the leaderboard."}
NO_PROFILE = "Profile and location are required before matching"


def setting(race: Race, user_id: UUID, visibility: str = "named", **key: str) -> Call:
    return race.call(user_id, "set_leaderboard_visibility", visibility=visibility, **key)


def reading(race: Race) -> Statement:
    return race.statement("select wingman.count_leaderboard(1000) as done")


def erasure(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "erase_my_account", confirmation="erase")


def deletion(race: Race, user_id: UUID) -> Statement:
    """The account is deleted directly, which takes no advisory lock."""
    return race.statement("delete from auth.users where id = %s", user_id)


def suspension(race: Race, user_id: UUID) -> Operation:
    return race.operation("wingman_admin.suspend_user", user_id=user_id, until=None, reason="Rude")


def suspension_by_hand(race: Race, user_id: UUID) -> Statement:
    """A row that somebody writes directly, which takes no lock."""
    return race.statement(
        "insert into wingman.suspensions (user_id, ends_at) values (%s, %s)",
        user_id,
        datetime.now(UTC) + timedelta(days=1),
    )


GOING = pytest.mark.parametrize("goes", [erasure, deletion])


@pytest.fixture
def pair(scene: Scene, db: Connection) -> tuple[UUID, UUID]:
    """Two people who have met."""
    pair = scene.pair()
    session_id = scene.session(*pair)
    db.execute("update public.wingman_sessions set scheduled_time = statement_timestamp()")
    for user_id in pair:
        scene.confirm(user_id, session_id)
    # in which two calls of one person would meet before anything else
    db.execute("delete from wingman.rate_limits")
    return pair


def members(db: Connection) -> dict[UUID, str]:
    rows = db.execute("select user_id, visibility from wingman.leaderboard_members").fetchall()
    return {row["user_id"]: row["visibility"] for row in rows}


def assert_exact_before_and_after_the_reader(db: Connection, me: UUID) -> int:
    """The board is right whether the reader has come to this or not; returns how many are on it."""
    for _ in range(2):
        whole = expected(db, Board(me))
        answer = page(db, Board(me))
        assert {name: answer[name] for name in whole} == whole
        while count(db):
            pass
    return int(whole["total"])


@GOING
def test_a_visibility_that_waited_for_an_erasure_is_refused(
    race: Race, db: Connection, pair: tuple[UUID, UUID], goes
) -> None:
    ana, ben = pair
    met = race.collide(goes(race, ana), setting(race, ana, idempotency_key="k"))
    assert_refused(met.second, "profile_incomplete", 400, NO_PROFILE)
    assert members(db) == {}
    assert db.execute("select from wingman.idempotency_keys where user_id = %s", [ana]).fetchall() == []
    assert assert_exact_before_and_after_the_reader(db, ben) == 0


@GOING
def test_an_erasure_takes_somebody_off_who_opted_in_first(
    race: Race, db: Connection, pair: tuple[UUID, UUID], goes
) -> None:
    ana, ben = pair
    met = race.collide(setting(race, ana), goes(race, ana))
    assert met.first == NAMED
    assert members(db) == {}
    assert assert_exact_before_and_after_the_reader(db, ben) == 0


def test_of_two_on_two_devices_the_second_decides(
    race: Race, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    ana, _ = pair
    met = race.collide(setting(race, ana), setting(race, ana, "off"))
    assert (met.first, met.second) == (NAMED, OFF)
    assert members(db) == {ana: "off"}
    assert assert_exact_before_and_after_the_reader(db, ana) == 0


def test_of_two_equal_ones_the_second_changes_nothing(
    race: Race, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    ana, _ = pair
    met = race.collide(setting(race, ana), setting(race, ana))
    assert (met.first, met.second) == (NAMED, NAMED)
    assert not met.second_wrote
    assert assert_exact_before_and_after_the_reader(db, ana) == 1


@pytest.mark.parametrize("suspension_first", [True, False])
def test_whoever_is_suspended_meanwhile_is_not_on_the_board(
    race: Race, db: Connection, pair: tuple[UUID, UUID], suspension_first: bool
) -> None:
    ana, ben = pair
    both = (suspension(race, ana), setting(race, ana))
    met = race.collide(*(both if suspension_first else both[::-1]))
    assert NAMED in (met.first, met.second)
    assert members(db) == {ana: "named"}
    assert assert_exact_before_and_after_the_reader(db, ben) == 0


@pytest.mark.parametrize("suspension_first", [True, False])
def test_nor_is_who_is_suspended_by_hand_without_a_lock(
    race: Race, db: Connection, pair: tuple[UUID, UUID], suspension_first: bool
) -> None:
    """Neither sees the other; the reader has looked at one of the two when the other commits."""
    ana, ben = pair
    first, second = suspension_by_hand(race, ana), setting(race, ana)
    if not suspension_first:
        first, second = second, first
    with first.transaction():
        first()
        race.unhindered(second)
        while count(db):
            pass
    assert assert_exact_before_and_after_the_reader(db, ben) == 0
    # which also ends the match, as it should be
    suspension(race, ana)()


def moving(race: Race, user_id: UUID) -> Statement:
    return race.statement("update public.user_locations set city = 'Porto' where user_id = %s", user_id)


def arriving(race: Race, user_id: UUID) -> Statement:
    """Somebody without a location gets one."""
    race.statement("delete from public.user_locations where user_id = %s", user_id)()
    return race.statement(
        """insert into public.user_locations (user_id, lat, lng, city, privacy_mode, max_travel_miles)
           values (%s, 41, -8, 'Porto', 'precise', 25)""",
        user_id,
    )


@pytest.mark.parametrize("by_hand_first", [True, False])
@pytest.mark.parametrize("by_hand", [moving, arriving])
def test_the_city_is_that_of_whoever_moves_by_hand_meanwhile(
    race: Race, db: Connection, pair: tuple[UUID, UUID], by_hand, by_hand_first: bool
) -> None:
    db.execute("update wingman.settings set leaderboard_city_minimum = 1")
    ana, _ = pair
    both = (by_hand(race, ana), setting(race, ana))
    race.collide(*(both if by_hand_first else both[::-1]))
    for _ in range(2):
        assert page(db, Board(ana, city="Porto"))["total"] == 1
        while count(db):
            pass


def test_the_reader_waits_for_nobody_and_nobody_for_the_reader(
    race: Race, db: Connection, pair: tuple[UUID, UUID]
) -> None:
    ana, ben = pair
    setting(race, ana)()
    for other in (
        setting(race, ben),
        setting(race, ana, "nameless"),
        suspension(race, ana),
        erasure(race, ana),
    ):
        db.execute("insert into wingman.leaderboard_reviews (user_id) values (%s)", [ana])
        met = race.overtake(reading(race), other)
        assert met.first[0]["done"] >= 1
        assert_exact_before_and_after_the_reader(db, ben)


def test_it_passes_by_who_has_not_committed(race: Race, db: Connection, pair: tuple[UUID, UUID]) -> None:
    ana, ben = pair
    setting(race, ben)()
    met = race.overtake(setting(race, ana), reading(race))
    # the entry of each, and one review
    assert met.second == [{"done": 2}]
    assert assert_exact_before_and_after_the_reader(db, ben) == 2


def test_people_who_opt_in_never_wait_for_each_other(race: Race, pair: tuple[UUID, UUID]) -> None:
    ana, ben = pair
    met = race.overtake(setting(race, ana), setting(race, ben))
    assert (met.first, met.second) == (NAMED, NAMED)
