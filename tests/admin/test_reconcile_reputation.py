"""reconcile_reputation: the counters of the profiles against the ledger."""

import pytest
from answers import refused
from rows import all_rows, counters, make_session

RECONCILE = "wingman_admin.reconcile_reputation"


@pytest.fixture
def drifted(db, pair, completed, missed):
    """user1 and user2 completed one session, user1 missed another; then somebody wrote the counters."""
    db.execute("update public.user_profiles set completed_sessions = 7 where id = %s", [pair.user1])
    db.execute("update public.user_profiles set no_shows = 3 where id = %s", [pair.user2])
    return [
        {
            "user_id": pair.user1,
            "completed_sessions": 7,
            "no_shows": 1,
            "ledger_completed_sessions": 1,
            "ledger_no_shows": 1,
        },
        {
            "user_id": pair.user2,
            "completed_sessions": 1,
            "no_shows": 3,
            "ledger_completed_sessions": 1,
            "ledger_no_shows": 0,
        },
    ]


@pytest.mark.parametrize("arguments", [{}, {"fix": False}, {"fix": True}], ids=str)
def test_nothing_differs_by_itself(db, operator, pair, completed, missed, arguments):
    operator.call("wingman_admin.revert_completion", session_id=missed, reason="A mistake")
    make_session(db, pair.match_id)
    before = all_rows(db)
    assert operator.call(RECONCILE, **arguments) == []
    assert all_rows(db) == before


def test_every_difference_is_listed_and_nothing_changed(db, operator, drifted):
    before = all_rows(db)
    assert operator.call(RECONCILE) == drifted
    assert all_rows(db) == before


def test_it_only_looks_in_a_read_only_transaction(operator, drifted):
    with operator.transaction():
        operator.connection.execute("set transaction read only")
        assert operator.call(RECONCILE) == drifted


def test_fixing_sets_the_counters_to_the_ledger(db, operator, pair, people, drifted):
    bystander = people.add("Cleo")
    assert operator.call(RECONCILE, fix=True) == drifted
    assert counters(db, pair.user1) == (1, 1, 0)
    assert counters(db, pair.user2) == (1, 0, 1)
    assert counters(db, bystander) == (0, 0, 0)
    assert operator.call(RECONCILE) == []


def test_somebody_without_entries_is_set_to_none(db, operator, people):
    user_id = people.add("Cleo")
    db.execute(
        "update public.user_profiles set completed_sessions = 2, no_shows = 9 where id = %s", [user_id]
    )
    assert [row["user_id"] for row in operator.call(RECONCILE, fix=True)] == [user_id]
    assert counters(db, user_id) == (0, 0, 0)


def test_whether_to_fix_is_said(db, operator):
    with refused(db, "missing_argument", 400, "fix is required", argument="fix"):
        operator.call(RECONCILE, fix=None)
