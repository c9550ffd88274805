"""Old notifications go, and a clock that has jumped ahead does not cost the inbox."""

import pytest
from inbox.inboxes import forget, kinds, let_pass, notifications, read_all, told
from rows import make_session, update_session

RUN = "wingman.run_maintenance"
# of settings.notification_retention
WITHIN, PAST = "2159 hours", "2160 hours 1 second"


def happen(db, session_id, times=1):
    """Tells both people so many things, without a reminder."""
    for _ in range(times):
        update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
    read_all(db)
    db.execute("delete from wingman.reminders")


@pytest.fixture
def session_id(db, pair):
    made = make_session(db, pair.match_id, starts="48 hours")
    forget(db)
    db.execute("delete from wingman.reminders")
    return made


def test_it_fills_the_inboxes_as_well(db, pair, operator, session_id):
    update_session(db, session_id, "scheduled_time = scheduled_time + interval '1 second'")
    done = operator.call(RUN)
    assert (done["told"], done["purged_notifications"]) == (1, 0)
    assert told(db, pair) == (["session_moved"], ["session_moved"])
    assert operator.call(RUN)["told"] == 0


def test_what_is_past_its_retention_goes_read_or_not(db, rpc, pair, operator, session_id):
    happen(db, session_id)
    newest = notifications(db)[-1]["id"]
    rpc.as_user(pair.user1).call("mark_notifications_read", up_to=newest)
    let_pass(db, WITHIN)
    assert operator.call(RUN)["purged_notifications"] == 0
    happen(db, session_id)
    let_pass(db, "1 hour 1 second")
    assert operator.call(RUN)["purged_notifications"] == 2
    assert told(db, pair) == (["session_moved"], ["session_moved"])


def test_the_setting_says_how_long(db, pair, operator, session_id):
    db.execute("update wingman.settings set notification_retention = '1 hour'")
    happen(db, session_id)
    let_pass(db, "59 minutes")
    assert operator.call(RUN)["purged_notifications"] == 0
    let_pass(db, "1 minute 1 second")
    assert operator.call(RUN)["purged_notifications"] == 2


def test_at_most_so_many_the_oldest_first(db, operator, session_id):
    happen(db, session_id, 3)
    let_pass(db, PAST)
    oldest = [row["id"] for row in notifications(db)][:4]
    assert operator.call(RUN, max_rows=4)["purged_notifications"] == 4
    assert not {row["id"] for row in notifications(db)} & {*oldest}
    assert operator.call(RUN, max_rows=4)["purged_notifications"] == 2


def test_what_has_gone_is_not_told_again(db, pair, operator, session_id):
    happen(db, session_id)
    let_pass(db, PAST)
    operator.call(RUN)
    assert operator.call(RUN)["told"] == 0
    read_all(db)
    assert told(db, pair) == ([], [])


class TestClockAhead:
    """For the server, a clock that is ten years ahead is the same as rows that are all old."""

    @pytest.fixture
    def ahead(self, db, session_id):
        happen(db, session_id, 2)
        let_pass(db, "87600 hours")

    def test_it_costs_no_notification(self, db, operator, ahead):
        assert operator.call(RUN)["purged_notifications"] == 0
        assert len(notifications(db)) == 4

    def test_nor_does_what_is_told_meanwhile(self, db, pair, operator, session_id, ahead):
        happen(db, session_id)
        for _ in range(2):
            assert operator.call(RUN)["purged_notifications"] == 0
        assert len(kinds(db, pair.user1)) == 3

    def test_where_little_happens_the_last_ones_go_with_the_next(self, db, operator, session_id, ahead):
        happen(db, session_id)
        let_pass(db, PAST)
        assert operator.call(RUN)["purged_notifications"] == 6

    def test_what_is_told_while_it_is_ahead_comes_before_what_is_told_after(self, db, pair, session_id):
        happen(db, session_id)
        let_pass(db, "-87600 hours")
        seen = [row["id"] for row in notifications(db)]
        clock = "select told_until > now() + interval '9 years' as ahead from wingman.inbox_clock"
        assert db.execute(clock).fetchone() == {"ahead": True}
        happen(db, session_id)
        assert [row["id"] for row in notifications(db)][:2] == seen
