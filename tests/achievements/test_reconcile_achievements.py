"""reconcile_achievements: what was awarded against the ledger."""

from random import Random

import pytest
from achievements.careers import START, WEEK, add_achievement, earned, evaluate, evaluate_all
from harness import RpcError
from rows import all_rows

RECONCILE = "wingman_admin.reconcile_achievements"


@pytest.fixture
def world(db, careers):
    """Some people with random careers, all of them evaluated."""
    careers.add(5)
    careers.tell(Random(3), 50)
    evaluate_all(db)
    return careers


def test_nothing_differs_by_itself(db, operator, world):
    before = all_rows(db)
    for fix in (False, True):
        assert operator.call(RECONCILE, fix=fix) == []
    assert all_rows(db) == before


def test_what_is_left_to_read_is_no_difference(db, operator, world):
    ana, ben = world.users[:2]
    for other in world.users[1:]:
        world.complete(ana, other, START + 30 * WEEK)
    assert operator.call(RECONCILE) == []
    evaluate_all(db)
    add_achievement(db, threshold=2)
    assert evaluate(db, 2) == 2
    assert operator.call(RECONCILE) == []
    assert operator.call(RECONCILE, fix=True) == []
    evaluate_all(db, 2)
    assert earned(db) == world.earned()
    assert ben


def test_every_difference_is_listed_and_mended(db, operator, world):
    once = earned(db)
    (gone_of, gone), (late_of, late), *_ = [*once]
    db.execute("delete from wingman.earned_achievements where user_id = %s and name = %s", [gone_of, gone])
    db.execute(
        "update wingman.earned_achievements set earned_at = %s where user_id = %s and name = %s",
        [START - WEEK, late_of, late],
    )
    db.execute("insert into wingman.earned_achievements values (%s, 'sessions_100', %s)", [gone_of, START])
    # of somebody without a profile
    nobody = "00000000-0000-4000-8000-000000000000"
    db.execute("insert into wingman.earned_achievements values (%s, 'mentor', %s)", [nobody, START])
    rows = operator.call(RECONCILE)
    found = {(str(row["user_id"]), row["name"]): (row["earned_at"], row["ledger_earned_at"]) for row in rows}
    assert len(rows) == 4
    assert found == {
        (str(gone_of), gone): (None, once[gone_of, gone]),
        (str(late_of), late): (START - WEEK, once[late_of, late]),
        (str(gone_of), "sessions_100"): (START, None),
        (nobody, "mentor"): (START, None),
    }
    with operator.transaction():
        operator.connection.execute("set transaction read only")
        assert operator.call(RECONCILE) == rows
    assert operator.call(RECONCILE, fix=True) == rows
    assert earned(db) == once
    assert operator.call(RECONCILE) == []


def test_it_builds_everything_anew_from_ledger_and_sessions(db, operator, world):
    once = earned(db)
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        db.execute("delete from wingman.earned_achievements")
        # the journal's months are dropped
        db.execute("delete from wingman.events")
    assert len(operator.call(RECONCILE, fix=True)) == len(once)
    assert earned(db) == once == world.earned()


def test_fixing_waits_for_a_reader_and_the_reader_does_not_wait(db, race, world):
    world.complete(*world.users[:2], START + 30 * WEEK)
    met = race.collide(
        race.operation("wingman.run_readers", max_rows=1000), race.operation(RECONCILE, fix=True)
    )
    assert (met.first["evaluated"], met.second) == (2, [])
    world.complete(*world.users[:2], START + 40 * WEEK)
    met = race.overtake(
        race.operation(RECONCILE, fix=True), race.operation("wingman.run_readers", max_rows=1000)
    )
    assert (met.first, met.second["evaluated"]) == ([], 0)


def test_whether_to_fix_must_be_said(operator):
    with pytest.raises(RpcError) as caught:
        operator.call(RECONCILE, fix=None)
    assert caught.value.name == "missing_argument"
