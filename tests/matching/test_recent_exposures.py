"""Exposures count while they are younger than the window."""

import pytest
from rows import make_pair


def recent(db, *ages, window="24 hours"):
    """How many of these exposures, oldest first, count; those left must be the youngest."""
    row = db.execute(
        """
        select wingman.recent_exposures(e.moments, %(window)s::interval) as recent, e.moments
        from (
            select coalesce(array_agg(statement_timestamp() - a.age order by a.n), '{}') as moments
            from unnest(%(ages)s::interval[]) with ordinality as a (age, n)
        ) as e
        """,
        {"window": window, "ages": list(ages)},
    ).fetchone()
    count = len(row["recent"])
    assert row["recent"] == row["moments"][len(ages) - count :]
    return count


@pytest.mark.parametrize(
    ("ages", "count"),
    [
        ([], 0),
        (["0"], 1),
        (["23:59:59.999999"], 1),
        (["24:00:00"], 0),
        (["24:00:00.000001"], 0),
        (["400 days", "24:00:00", "23:59:59.999999", "1 hour", "0"], 3),
        (["24:00:00"] * 12, 0),
        (["1 hour"] * 12, 12),
    ],
)
def test_one_as_old_as_the_window_does_not_count(db, ages, count):
    assert recent(db, *ages) == count


@pytest.mark.parametrize(("window", "count"), [("1 minute", 0), ("2 hours", 1), ("8760 hours", 3)])
def test_the_window_is_the_given_one(db, window, count):
    assert recent(db, "300 days", "5 hours", "1 hour", window=window) == count


def test_a_person_found_keeps_what_counts_and_the_moment(db, rpc, people):
    ana, ben = people.add(), people.add()
    db.execute(
        "update wingman.matchmaking_pool set exposures = array[statement_timestamp() - interval '2 days',"
        " statement_timestamp() - interval '1 hour'] where user_id = %s",
        [ben],
    )
    match_id = rpc.as_user(ana).call("create_automatic_match")["match_id"]
    rows = db.execute(
        "select s.user_id, array(select m.created_at - e from unnest(s.exposures) as e) as ages"
        " from wingman.matchmaking_pool as s cross join public.wingman_matches as m where m.id = %s",
        [match_id],
    ).fetchall()
    ages = {row["user_id"]: [age.total_seconds() // 60 for age in row["ages"]] for row in rows}
    assert ages == {ana: [], ben: [48 * 60, 60, 0]}


def test_a_match_written_by_hand_is_no_exposure(db, people):
    make_pair(db, people, "pending")
    assert db.execute("select from wingman.matchmaking_pool where exposures <> '{}'").fetchall() == []


def test_found_ten_times_somebody_can_still_search(db, rpc, people):
    ana, ben = people.add(), people.add()
    db.execute(
        "update wingman.matchmaking_pool set exposures = array_fill(statement_timestamp(), '{10}')"
        " where user_id = %s",
        [ben],
    )
    assert rpc.as_user(ana).call("create_automatic_match")["success"] is False
    assert rpc.as_user(ben).call("create_automatic_match")["buddy_user_id"] == ana
