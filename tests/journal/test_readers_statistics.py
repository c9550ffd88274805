"""Operators' views equal the numbers from the rows, however far the readers behind them are."""

from random import Random
from threading import Event

import psycopg
import pytest
from harness import People, Rpc, in_thread
from journal.counted import assert_views_are_true
from journal.deeds import Deeds
from rows import lift_rate_limits, make_pair, make_session, update_session

STEPS = 40
CHECKS = 25
DEADLINE = 60


def count(db, random: Random) -> None:
    db.execute("select wingman.count_events(%s)", [random.randint(1, 9)])
    if random.random() < 0.5:
        db.execute("select wingman.count_reputation_events(%s)", [random.randint(1, 3)])


def count_everything(db) -> None:
    readers = (
        *("evaluate_achievements", "count_events", "count_reputation_events", "fill_inboxes"),
        "count_leaderboard",
    )
    query = f"select {' + '.join(f'wingman.{reader}(7)' for reader in readers)} as found"
    while db.execute(query).fetchone() != {"found": 0}:
        pass


def tell(db, rpc, people, seed: int, steps: int, pace: float) -> None:
    lift_rate_limits(db)
    random = Random(seed)
    deeds, done = Deeds(db, rpc, people, random), []
    for _ in range(steps):
        done.append(deeds.do())
        if random.random() < pace:
            count(db, random)
        assert_views_are_true(db)
    assert len({deed for deed in done if not deed.endswith("refused")}) > 8
    count_everything(db)
    assert_views_are_true(db)
    unread = db.execute("select sum(unread) as unread from wingman_admin.readers").fetchone()
    assert unread == {"unread": 0}


PACES = pytest.mark.parametrize("pace", [0, 0.2, 0.9], ids=["stopped", "in mid-page", "keeping up"])


class TestStories:
    @PACES
    def test_views_tell_the_truth_at_any_moment(self, db, rpc, people, pace):
        tell(db, rpc, people, 0, STEPS, pace)

    @pytest.mark.long
    @PACES
    @pytest.mark.parametrize("seed", range(1, 11))
    def test_so_they_do_in_long_stories(self, db, rpc, people, seed, pace):
        tell(db, rpc, people, seed, 200, pace)

    @pytest.mark.exhaustive
    def test_so_they_do_while_others_write_and_count(self, db, connect):
        lift_rate_limits(db)
        stop = Event()

        def write_on(seed: int) -> int:
            mine = connect(user=db.info.user)
            rpc = Rpc(connect, mine)
            deeds, done = Deeds(mine, rpc, People(mine, rpc), Random(seed)), 0
            while not stop.is_set():
                deeds.do()
                done += 1
            return done

        def count_on(seed: int) -> None:
            mine, random = connect(user=db.info.user), Random(seed)
            while not stop.is_set():
                count(mine, random)

        others = [in_thread(write_on, seed) for seed in range(2)]
        counters = [in_thread(count_on, seed) for seed in range(2)]
        try:
            checked = 0
            while checked < CHECKS:
                assert_views_are_true(db)
                checked += 1
        finally:
            stop.set()
            done = [other.result(timeout=DEADLINE) for other in others]
            for counter in counters:
                counter.result(timeout=DEADLINE)
        assert min(done) > 10
        count_everything(db)
        assert_views_are_true(db)

    @pytest.mark.exhaustive
    def test_a_session_whose_time_comes_is_counted_from_then_on(self, db, people):
        match_id = make_pair(db, people).match_id
        make_session(db, match_id, starts="1 second")
        count_everything(db)
        query = "select coalesce(sum(sessions), 0) as sessions from wingman_admin.completion_rate_by_day"
        assert db.execute(query).fetchone() == {"sessions": 0}
        while db.execute(query).fetchone() == {"sessions": 0}:
            assert_views_are_true(db)
        assert_views_are_true(db)


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_a_session_that_is_over_keeps_its_time(db, people, status):
    """Whoever reads the journal looks it up."""
    session_id = make_session(db, make_pair(db, people).match_id, status)
    with pytest.raises(psycopg.errors.CheckViolation, match="keeps its time"):
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
    update_session(db, session_id, "scheduled_time = scheduled_time, notes = 'the same'")


def test_days_gone_by_are_kept_as_days(db, people):
    for n in range(3):
        match_id = make_pair(db, people).match_id
        make_session(db, match_id, "cancelled", starts=f"-{5 * 24 * 60 + n} minutes")
    make_session(db, match_id, starts="-1 minute")
    count_everything(db)
    kept = "select count(*) as rows, sum(sessions) as sessions from wingman.session_statistics"
    # the three of one day, or two where midnight has come between
    assert db.execute(f"{kept} where outcome = 'cancelled'").fetchone()["rows"] < 3
    assert db.execute(kept).fetchone()["sessions"] == 4
    # as time goes by
    db.execute(
        """update wingman.session_statistics set held_at = held_at - interval '3 days'
           where outcome = 'not_settled'"""
    )
    people.add()
    count_everything(db)
    found = db.execute(
        "select held_at = date_trunc('day', held_at, 'UTC') as is_day from wingman.session_statistics"
    ).fetchall()
    assert {row["is_day"] for row in found} == {True}
