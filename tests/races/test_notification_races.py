"""Somebody marks notifications as read while others write there: readers, the same person, an erasure."""

from uuid import UUID

import pytest
from harness import Connection
from races.race import Call, Operation, Race, assert_refused
from races.scene import Scene

NEWEST = UUID("ffffffff-ffff-7fff-bfff-ffffffffffff")


def marking(race: Race, user_id: UUID, **key: str) -> Call:
    return race.call(user_id, "mark_notifications_read", up_to=NEWEST, **key)


def reading(race: Race) -> Operation:
    return race.operation("wingman.run_readers", max_rows=1000)


def erasure(race: Race, user_id: UUID) -> Call:
    return race.call(user_id, "erase_my_account", confirmation="erase")


@pytest.fixture
def told(scene: Scene, db: Connection) -> tuple[UUID, UUID]:
    """Two people who have each been told one thing: that their session was moved."""
    pair = scene.pair()
    scene.session(*pair)
    db.execute("select wingman.run_readers()")
    db.execute("delete from public.wingman_notifications")
    move(db)
    db.execute("select wingman.run_readers()")
    return pair


def move(db: Connection) -> None:
    db.execute("update public.wingman_sessions set scheduled_time = scheduled_time + interval '1 second'")


def unread(db: Connection, user_id: UUID) -> int:
    row = db.execute(
        "select count(*) as rows from public.wingman_notifications where user_id = %s and read_at is null",
        [user_id],
    ).fetchone()
    assert row
    return row["rows"]


def test_the_reader_and_a_call_that_marks_never_wait_for_each_other(
    race: Race, db: Connection, told: tuple[UUID, UUID]
) -> None:
    ana, _ = told
    move(db)
    met = race.overtake(marking(race, ana), reading(race))
    assert (met.first, met.second["told"]) == ({"unread": 0}, 1)
    # what came meanwhile was not seen
    assert unread(db, ana) == 1

    move(db)
    met = race.overtake(reading(race), marking(race, ana))
    assert (met.first["told"], met.second) == (1, {"unread": 0})
    assert unread(db, ana) == 1


def test_nor_do_maintenance_and_who_marks(race: Race, db: Connection, told: tuple[UUID, UUID]) -> None:
    ana, ben = told
    db.execute(
        "update public.wingman_notifications set id = overlay(id::text placing '0180' from 1 for 4)::uuid"
        " where user_id = %s",
        [ana],
    )
    db.execute(
        "update public.wingman_notifications set id = overlay(id::text placing '0181' from 1 for 4)::uuid"
        " where user_id = %s",
        [ben],
    )
    run = race.operation("wingman.run_maintenance")
    met = race.overtake(marking(race, ben), run)
    # the older one went, the one that is being marked did not
    assert met.second["purged_notifications"] == 1
    assert (unread(db, ana), unread(db, ben)) == (0, 0)


def test_on_two_devices_at_once_the_second_finds_nothing_left_to_mark(
    race: Race, db: Connection, told: tuple[UUID, UUID]
) -> None:
    ana, ben = told
    met = race.collide(marking(race, ana), marking(race, ana))
    assert (met.first, met.second) == ({"unread": 0}, {"unread": 0})
    assert "public.wingman_notifications" not in met.second_wrote
    assert unread(db, ben) == 1


def test_people_who_mark_their_own_never_wait_for_each_other(race: Race, told: tuple[UUID, UUID]) -> None:
    ana, ben = told
    met = race.overtake(marking(race, ana), marking(race, ben))
    assert (met.first, met.second) == ({"unread": 0}, {"unread": 0})


def test_a_call_that_waited_for_an_erasure_finds_no_inbox(
    race: Race, db: Connection, told: tuple[UUID, UUID]
) -> None:
    ana, _ = told
    met = race.collide(erasure(race, ana), marking(race, ana, idempotency_key="k"))
    assert met.first["success"] is True
    assert_refused(met.second, "profile_incomplete", 400, "Profile and location are required before matching")
    assert db.execute("select from wingman.idempotency_keys where user_id = %s", [ana]).fetchall() == []


@pytest.mark.parametrize("unread_before", [True, False])
def test_an_erasure_takes_the_answer_of_who_marked_first(
    race: Race, db: Connection, told: tuple[UUID, UUID], unread_before: bool
) -> None:
    ana, _ = told
    if not unread_before:
        marking(race, ana)()
    met = race.collide(marking(race, ana, idempotency_key="k"), erasure(race, ana))
    assert (met.first, met.second["success"]) == ({"unread": 0}, True)
    assert db.execute("select from wingman.idempotency_keys where user_id = %s", [ana]).fetchall() == []
    assert db.execute("select from public.wingman_notifications where user_id = %s", [ana]).fetchall() == []


def test_an_erasure_of_the_other_one_hinders_nobody(race: Race, told: tuple[UUID, UUID]) -> None:
    ana, ben = told
    met = race.overtake(erasure(race, ana), marking(race, ben))
    assert (met.first["success"], met.second) == (True, {"unread": 0})
