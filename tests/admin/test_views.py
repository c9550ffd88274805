"""What operators' views count."""

from datetime import UTC, datetime, timedelta

import pytest
from psycopg.rows import tuple_row
from rows import make_match, make_pair, make_session, session_row, set_counters, update_session


def today():
    return datetime.now(UTC).date()


def rows(operator, query):
    return operator.connection.cursor(row_factory=tuple_row).execute(query).fetchall()


def at_noon(days_ago: int) -> datetime:
    return datetime.now(UTC).replace(hour=12, minute=0) - timedelta(days=days_ago)


class TestCompletionRateByDay:
    QUERY = """select held_on, sessions, completed, cancelled, no_shows, reverted, not_settled,
                   completion_rate
               from wingman_admin.completion_rate_by_day order by held_on"""

    def test_counts_the_sessions_of_each_day(self, db, operator, pair):
        make_session(db, pair.match_id, "cancelled", starts=at_noon(3))
        for status in ("completed", "completed", "cancelled", "no_show", "scheduled"):
            make_session(db, pair.match_id, status, starts=at_noon(2))
        assert [(row[0], *row[1:7], float(row[7])) for row in rows(operator, self.QUERY)] == [
            (today() - timedelta(days=3), 1, 0, 1, 0, 0, 0, 0.0),
            (today() - timedelta(days=2), 5, 2, 1, 1, 0, 1, 0.4),
        ]

    def test_what_was_reverted_is_not_completed(self, db, operator, pair):
        session_id = make_session(db, pair.match_id, "completed", starts=at_noon(1))
        operator.call("wingman_admin.revert_completion", session_id=session_id, reason="Never met")
        [row] = rows(operator, self.QUERY)
        assert (row[2], row[5], float(row[7])) == (0, 1, 0.0)

    def test_leaves_out_what_is_to_come_but_not_what_is_long_ago(self, db, operator, pair):
        make_session(db, pair.match_id, "cancelled", starts="1 hour")
        make_session(db, pair.match_id, "cancelled", starts=at_noon(400))
        assert [row[:4] for row in rows(operator, self.QUERY)] == [(today() - timedelta(days=400), 1, 0, 1)]
        of_thirty_days = """select amount from wingman_admin.metrics
                            where metric = 'sessions' and state = 'cancelled'"""
        assert rows(operator, of_thirty_days) == [(0,)]


class TestReputationDistribution:
    def test_counts_people_by_their_reputation(self, db, operator, people, completed):
        third = people.add("Cleo")
        query = "select score, people from wingman_admin.reputation_distribution order by score"
        assert rows(operator, query) == [(0, 1), (1, 2)]
        # past the ledger, which does not know of it
        set_counters(db, 0, no_shows=3, user_id=third)
        assert rows(operator, query) == [(0, 1), (1, 2)]


class TestMatchFunnel:
    QUERY = """select offered_on, offered, accepted, scheduled, completed
               from wingman_admin.match_funnel order by offered_on"""

    def test_follows_the_matches_of_each_day(self, db, operator, people):
        for status in ("pending", "declined", "ended"):
            make_pair(db, people, status)
        for session_status in ("cancelled", "completed"):
            make_session(db, make_pair(db, people).match_id, session_status)
        twice = make_pair(db, people).match_id
        make_session(db, twice, "cancelled")
        make_session(db, twice, "completed")
        assert rows(operator, self.QUERY) == [(today(), 6, 4, 3, 2)]

    def test_what_was_reverted_is_not_completed(self, db, operator, pair):
        session_id = make_session(db, pair.match_id, "completed")
        operator.call("wingman_admin.revert_completion", session_id=session_id, reason="Never met")
        assert rows(operator, self.QUERY) == [(today(), 1, 1, 1, 0)]

    def test_goes_back_as_far_as_there_are_matches(self, db, operator, people):
        for days in (30, 400):
            one, other = people.add(), people.add()
            match_id = make_match(db, one, other)
            db.execute(
                """update public.wingman_matches set created_at = created_at - %s * interval '24 hours'
                   where id = %s""",
                [days, match_id],
            )
        assert [row[:2] for row in rows(operator, self.QUERY)] == [
            (today() - timedelta(days=400), 1),
            (today() - timedelta(days=30), 1),
        ]


class TestWaitingSeekers:
    QUERY = """select waiting, people, exposures, never_found, at_exposure_limit
               from wingman_admin.waiting_seekers order by longest"""

    def test_counts_who_is_free_by_how_long_they_wait(self, db, operator, people):
        waits = ["1 minute", "59 minutes", "61 minutes", "30 hours", "8 days"]
        for wait in waits:
            db.execute(
                """update wingman.matchmaking_pool set waiting_since = statement_timestamp() - %s::interval
                   where user_id = %s""",
                [wait, people.add()],
            )
        make_pair(db, people, "pending")
        db.execute("update wingman.matchmaking_pool set paused = true where user_id = %s", [people.add()])
        assert rows(operator, self.QUERY) == [
            ("up to an hour", 2, 0, 2, 0),
            ("up to a day", 1, 0, 1, 0),
            ("up to a week", 1, 0, 1, 0),
            ("longer", 1, 0, 1, 0),
        ]

    def test_counts_exposures_within_their_window(self, db, operator, people):
        for recent, old in [(10, 1), (3, 20), (0, 5)]:
            db.execute(
                """update wingman.matchmaking_pool
                   set exposures = array_fill(statement_timestamp() - interval '25 hours', array[%s])
                       || array_fill(statement_timestamp(), array[%s])
                   where user_id = %s""",
                [old, recent, people.add()],
            )
        assert rows(operator, self.QUERY) == [("up to an hour", 3, 13, 1, 1)]


class TestOpenMatchesAndSessions:
    def test_lists_what_is_going_on_once_each(self, db, operator, people):
        offered, accepted, scheduled, running, over = (
            make_pair(db, people, status)
            for status in ("pending", "accepted", "accepted", "accepted", "accepted")
        )
        for status in ("lapsed", "expired", "declined", "ended"):
            make_pair(db, people, status)
        in_a_day = make_session(db, scheduled.match_id, starts="1 day")
        now = make_session(db, running.match_id, "in_progress")
        make_session(db, over.match_id, "completed")
        query = """select state, match_id, user1_id, user2_id, session_id, scheduled_time
                   from wingman_admin.open_matches_and_sessions"""
        assert set(rows(operator, query)) == {
            ("offered", offered.match_id, offered.user1, offered.user2, None, None),
            ("accepted", accepted.match_id, accepted.user1, accepted.user2, None, None),
            ("accepted", over.match_id, over.user1, over.user2, None, None),
            (
                "scheduled",
                scheduled.match_id,
                scheduled.user1,
                scheduled.user2,
                in_a_day,
                session_row(db, in_a_day)["scheduled_time"],
            ),
            (
                "in_progress",
                running.match_id,
                running.user1,
                running.user2,
                now,
                session_row(db, now)["scheduled_time"],
            ),
        }


class TestOverdueSessions:
    def test_lists_what_nobody_settled_for_a_day(self, db, operator, people):
        late = make_session(db, make_pair(db, people).match_id, starts="-25 hours", confirmed_by=[2])
        running = make_session(db, make_pair(db, people).match_id, "in_progress", starts="-3 days")
        make_session(db, make_pair(db, people).match_id, starts="-23 hours")
        make_session(db, make_pair(db, people).match_id, "cancelled", starts="-3 days")
        query = """select session_id, status, user1_has_confirmed, user2_has_confirmed,
                       overdue > interval '2 days'
                   from wingman_admin.overdue_sessions order by overdue"""
        assert rows(operator, query) == [
            (late, "scheduled", False, True, False),
            (running, "in_progress", False, False, True),
        ]


@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_a_session_marked_as_a_no_show_is_open_no_more(db, operator, pair, status):
    session_id = make_session(db, pair.match_id, status, starts="-2 days")
    update_session(db, session_id, "status = 'no_show'")
    assert rows(operator, "select session_id from wingman_admin.overdue_sessions") == []
    assert rows(operator, "select state from wingman_admin.open_matches_and_sessions") == [("accepted",)]
