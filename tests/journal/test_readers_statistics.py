"""Operators' views equal what the rows give, wherever the readers behind them stand."""

from random import Random

import pytest
from journal.counted import assert_views_are_true
from journal.deeds import Deeds
from rows import lift_rate_limits

STEPS = 60


def count(db, random: Random) -> None:
    db.execute("select wingman.count_events(%s)", [random.randint(1, 9)])
    if random.random() < 0.5:
        db.execute("select wingman.count_reputation_events(%s)", [random.randint(1, 3)])


class TestStories:
    @pytest.mark.parametrize("pace", [0, 0.2, 0.9], ids=["stopped", "in mid-page", "keeping up"])
    @pytest.mark.parametrize("seed", range(3))
    def test_views_tell_the_truth_at_any_moment(self, db, rpc, people, seed, pace):
        lift_rate_limits(db)
        random = Random(seed)
        deeds, done = Deeds(db, rpc, people, random), []
        for _ in range(STEPS):
            done.append(deeds.do())
            if random.random() < pace:
                count(db, random)
            assert_views_are_true(db)
        assert len({deed for deed in done if not deed.endswith("refused")}) > 8
        for _ in range(1000):
            if not sum(
                db.execute("select wingman.count_events(7) as a, wingman.count_reputation_events(7) as b")
                .fetchone()
                .values()
            ):
                break
        assert_views_are_true(db)
        unread = db.execute("select sum(unread) as unread from wingman_admin.readers").fetchone()
        assert unread == {"unread": 0}
