"""The metrics of achievements, against a second look at every moment in Python."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from achievements.careers import METRICS, START, WEEK, Careers


def steps(db, *users):
    rows = db.execute("select * from wingman.metric_steps(%s)", [[*users]]).fetchall()
    found = {(row["user_id"], row["metric"], row["value"]): row["reached_at"] for row in rows}
    assert len(found) == len(rows)
    return found


def value(db, user_id, metric):
    """The current value of a metric."""
    found = [number for _, of, number in steps(db, user_id) if of == metric]
    assert sorted(found) == [*range(1, len(found) + 1)]
    return len(found)


def expected(careers):
    return {
        (user_id, metric, number): at
        for user_id in careers.users
        for (metric, number), at in careers.steps(user_id).items()
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.representatives("0")
def test_random_careers(db, people, seed):
    random = Random(seed)
    careers = Careers(db, people)
    careers.add(5)
    for zone in ("UTC", "Pacific/Kiritimati", "America/Adak", "Europe/Berlin"):
        careers.tell(random, 20)
        db.execute("select set_config('TimeZone', %s, false)", [zone])
        assert steps(db, *careers.users) == expected(careers)
    found = steps(db, *careers.users)
    assert {metric for _, metric, _ in found} == set(METRICS)
    assert max(number for _, metric, number in found if metric == "weeks_in_a_row") > 3
    # each alone as with the others
    for user_id in careers.users:
        own = {key: at for key, at in found.items() if key[0] == user_id}
        assert steps(db, user_id) == own


def test_the_vocabulary_is_what_is_computed(db, careers):
    ana, ben = careers.add(2)
    careers.complete(ana, ben, levels=(2, 1))
    listed = [row["metric"] for row in db.execute("select metric from wingman.achievement_metrics()")]
    assert listed == [*METRICS]
    assert {metric for _, metric, _ in steps(db, ana)} == {*METRICS}
    assert {row["metric"] for row in db.execute("select metric from wingman.achievements")} == {*METRICS}


def test_somebody_who_has_completed_nothing_has_no_steps(db, careers):
    assert steps(db, *careers.add(1)) == {}


class TestWeeks:
    def test_one_without_a_session_begins_a_new_run(self, db, careers):
        ana, ben = careers.add(2)
        careers.complete_weekly(ana, ben, [0, 1, 2, 4, 5])
        assert value(db, ana, "weeks_in_a_row") == 3
        careers.complete_weekly(ana, ben, [3])
        assert value(db, ana, "weeks_in_a_row") == 6

    def test_a_new_year_does_not_interrupt_one_nor_does_week_53(self, db, careers):
        ana, ben = careers.add(2)
        careers.complete_weekly(ana, ben, range(6, 12))
        found = [START + week * WEEK for week in range(6, 12)]
        assert [at.isocalendar()[:2] for at in found][2:4] == [(2020, 53), (2021, 1)]
        assert value(db, ana, "weeks_in_a_row") == 6

    def test_they_end_on_sunday_at_midnight_in_utc(self, db, careers):
        ana, ben = careers.add(2)
        monday = datetime(2026, 3, 2, tzinfo=UTC)
        db.execute("set timezone = 'America/New_York'")
        careers.complete(ana, ben, monday)
        careers.complete(ana, ben, monday + timedelta(days=7, microseconds=-1))
        assert value(db, ana, "weeks_in_a_row") == 1
        careers.complete(ana, ben, monday + timedelta(days=7))
        assert value(db, ana, "weeks_in_a_row") == 2

    def test_the_first_session_of_a_week_reaches_it(self, db, careers):
        ana, ben = careers.add(2)
        later = careers.complete(ana, ben, START + timedelta(hours=2))
        earlier = careers.complete(ana, ben, START + timedelta(hours=1))
        assert steps(db, ana)[ana, "weeks_in_a_row", 1] == earlier.at
        careers.revert(earlier)
        assert steps(db, ana)[ana, "weeks_in_a_row", 1] == later.at


class TestBuddies:
    def test_the_same_one_counts_once(self, db, careers):
        ana, ben, cem = careers.add(3)
        first = careers.complete(ana, ben)
        careers.complete(ana, ben, START + WEEK)
        assert value(db, ana, "different_buddies") == 1
        careers.complete(ana, cem, START + 2 * WEEK)
        assert value(db, ana, "different_buddies") == 2
        # the second session with Ben still counts
        careers.revert(first)
        assert steps(db, ana)[ana, "different_buddies", 1] == START + WEEK

    def test_one_who_has_left_still_counts(self, db, careers):
        ana, ben = careers.add(2)
        careers.complete(ana, ben, levels=(2, 1))
        before = steps(db, ana)
        db.execute("delete from auth.users where id = %s", [ben])
        assert steps(db, ana) == before
        assert value(db, ana, "sessions_with_beginners") == 1


class TestBeginners:
    @pytest.mark.parametrize(
        ("levels", "counted"), [((1, 1), 0), ((2, 1), 1), ((3, 1), 1), ((3, 2), 0), ((1, 2), 0)], ids=str
    )
    def test_the_levels_when_they_were_matched_decide(self, db, careers, levels, counted):
        ana, ben = careers.add(2)
        careers.complete(ana, ben, levels=levels)
        db.execute("update public.user_profiles set experience_level = 'advanced'")
        assert value(db, ana, "sessions_with_beginners") == counted
        assert value(db, ben, "sessions_with_beginners") == int(levels == (1, 2))

    def test_a_session_whose_row_is_gone_counts_for_all_else(self, db, careers):
        ana, ben = careers.add(2)
        done = careers.complete(ana, ben, levels=(2, 1))
        before = steps(db, ana)
        careers.forget(done)
        assert steps(db, ana) == {key: at for key, at in before.items() if key[1] != METRICS[3]}


def test_a_missed_session_counts_for_nothing(db, careers):
    ana, ben = careers.add(2)
    done = careers.complete(ana, ben)
    careers.revert(done)
    values = [done.session_id, ana, ben]
    db.execute(
        """insert into wingman.reputation_events
               (session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
           values (%s, %s, %s, 'no_show', -1, 0, 1)""",
        values,
    )
    assert steps(db, ana) == {}
