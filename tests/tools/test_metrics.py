"""wingman metrics: the numbers of a database, for Prometheus."""

from itertools import chain

import pytest
from harness import OPERATOR, login_url
from prometheus_client.parser import text_string_to_metric_families
from rows import make_pair, make_session
from tools.conftest import fails_in_one_line
from wingmanmatch.tools.metrics import GAUGES


@pytest.fixture
def metrics(wingman, database_url):
    """Runs the command as an operator: the samples by name and state, once they are parsed."""

    def run() -> dict[tuple[str, str], float]:
        done = wingman("metrics", url=login_url(database_url, OPERATOR))
        assert (done.returncode, done.stderr) == (0, "")
        families = list(text_string_to_metric_families(done.stdout))
        assert {(family.name, family.documentation, family.type) for family in families} == {
            (gauge.name, gauge.meaning, "gauge") for gauge in GAUGES.values()
        }
        samples = chain.from_iterable(family.samples for family in families)
        return {(sample.name, next(iter(sample.labels.values()), "")): sample.value for sample in samples}

    return run


CHANNELS = ["email", "web_push", "webhook", "realtime"]
STATES = {
    "wingman_open": ["offered", "accepted", "scheduled", "in_progress"],
    "wingman_seekers": ["free", "offered", "paused"],
    "wingman_sessions_30_days": ["completed", "cancelled", "no_show", "reverted", "not_settled"],
    "wingman_sessions_24_hours": ["completed", "no_show"],
    "wingman_matches_7_days": ["offered", "accepted", "scheduled", "completed"],
    "wingman_overdue_sessions": [""],
    "wingman_due_matches": [""],
    "wingman_idempotency_keys": [""],
    "wingman_journal_default_rows": [""],
    "wingman_reader_unread_events": ["statistics", "reputations", "achievements", "inbox", "leaderboard"],
    "wingman_reader_lag_seconds": ["statistics", "reputations", "achievements", "inbox", "leaderboard"],
    **{f"wingman_deliveries_{state}": CHANNELS for state in ("due", "waiting", "claimed", "dead")},
    "wingman_delivery_lag_seconds": CHANNELS,
}
NOTHING = {(name, state): 0 for name, states in STATES.items() for state in states}


def test_an_empty_database_has_every_number(metrics):
    assert metrics() == NOTHING


def test_each_number_counts_what_it_says(db, people, rpc, metrics):
    operator = rpc.as_admin()
    for status in ("pending", "lapsed", "declined"):
        make_pair(db, people, status)
    completed = make_session(db, make_pair(db, people).match_id, "completed")
    make_session(db, make_pair(db, people).match_id, "completed")
    operator.call("wingman_admin.revert_completion", session_id=completed, reason="Never met")
    missed = make_pair(db, people)
    operator.call(
        "wingman_admin.mark_no_show",
        session_id=make_session(db, missed.match_id),
        absent_user_id=missed.user1,
        reason="Was not there",
    )
    make_session(db, make_pair(db, people).match_id, "cancelled")
    make_session(db, make_pair(db, people).match_id, "in_progress", starts="-25 hours")
    make_session(db, make_pair(db, people).match_id, starts="1 hour")
    free = people.add()
    rpc.as_user(people.add()).call("pause_matching", idempotency_key="once")

    assert free
    found = metrics()
    # nobody has read anything yet, and the numbers count it all the same
    lags = {key: found.pop(key) for key in list(found) if key[0].startswith("wingman_reader")}
    assert lags["wingman_reader_unread_events", "statistics"] >= 50
    assert lags["wingman_reader_unread_events", "reputations"] == 3
    assert found == {
        **{key: value for key, value in NOTHING.items() if key not in lags},
        ("wingman_open", "offered"): 1,
        ("wingman_open", "accepted"): 4,
        ("wingman_open", "scheduled"): 1,
        ("wingman_open", "in_progress"): 1,
        ("wingman_seekers", "free"): 2 * 7 + 1,
        ("wingman_seekers", "offered"): 4,
        ("wingman_seekers", "paused"): 1,
        ("wingman_sessions_30_days", "completed"): 1,
        ("wingman_sessions_30_days", "cancelled"): 1,
        ("wingman_sessions_30_days", "no_show"): 1,
        ("wingman_sessions_30_days", "reverted"): 1,
        ("wingman_sessions_30_days", "not_settled"): 1,
        ("wingman_sessions_24_hours", "completed"): 2,
        ("wingman_sessions_24_hours", "no_show"): 1,
        ("wingman_matches_7_days", "offered"): 9,
        ("wingman_matches_7_days", "accepted"): 6,
        ("wingman_matches_7_days", "scheduled"): 6,
        ("wingman_matches_7_days", "completed"): 1,
        ("wingman_overdue_sessions", ""): 1,
        ("wingman_due_matches", ""): 1,
        ("wingman_idempotency_keys", ""): 1,
    }


def test_a_row_of_the_journal_without_a_month_is_seen(db, metrics):
    db.execute("insert into wingman.events (occurred_at, kind) values ('infinity', 'match_ended')")
    assert metrics()["wingman_journal_default_rows", ""] == 1


def test_a_reader_that_lags_is_seen(db, metrics):
    db.execute("select wingman.open_reader('late', 'journal', false)")
    db.execute(
        """insert into wingman.events (occurred_at, kind)
           select statement_timestamp() - n * interval '1 hour', 'match_ended'
           from generate_series(1, 3) as n"""
    )
    found = metrics()
    assert found["wingman_reader_unread_events", "late"] == 3
    assert 3 * 3600 <= found["wingman_reader_lag_seconds", "late"] < 4 * 3600
    assert found["wingman_reader_unread_events", "reputations"] == 0


MESSAGES = [
    # channel, state, attempts, error, and minutes since it was written, until its next attempt
    ("email", "due", 0, None, 5, None),
    ("email", "due", 0, None, 10, None),
    # seen by a worker, which says nothing of how long it has been due
    ("email", "due", 3, "http_503", 600, None),
    ("email", "waiting", 1, "http_503", 600, 1),
    ("email", "waiting", 1, "http_503", 600, -20),
    ("email", "claimed", 1, None, 600, 1),
    ("email", "sent", 1, None, 600, None),
    ("webhook", "claimed", 2, "http_503", 600, 1),
    ("webhook", "claimed", 1, None, 600, -40),
    ("webhook", "dead", 10, "http_503", 600, None),
    ("webhook", "dead", 10, "timeout", 600, None),
    ("webhook", "dropped", 10, "read", 600, None),
    ("realtime", "due", 2, "timeout", 600, None),
]


def test_messages_are_counted_by_channel_and_state(db, people, metrics):
    user_id = people.add()
    for channel, state, attempts, error, age, until in MESSAGES:
        db.execute(
            """insert into wingman.notification_deliveries (
                   channel, kind, user_id, state, attempts, last_error,
                   created_at, next_attempt_at, token, settled_at
               )
               values (
                   %(channel)s, 'more_activity', %(user_id)s, %(state)s, %(attempts)s, %(error)s,
                   statement_timestamp() - %(age)s * interval '1 minute',
                   statement_timestamp() + %(until)s * interval '1 minute',
                   case when %(state)s = 'claimed' then gen_random_uuid() end,
                   case when %(state)s in ('sent', 'dropped', 'dead') then statement_timestamp() end
               )""",
            {
                **{"channel": channel, "user_id": user_id, "state": state, "attempts": attempts},
                **{"error": error, "age": age, "until": until},
            },
        )
    found = {key: value for key, value in metrics().items() if "deliver" in key[0] and value}
    lags = {channel: found.pop(("wingman_delivery_lag_seconds", channel)) for channel in ("email", "webhook")}
    assert found == {
        ("wingman_deliveries_due", "email"): 4,
        ("wingman_deliveries_waiting", "email"): 1,
        ("wingman_deliveries_claimed", "email"): 1,
        ("wingman_deliveries_due", "webhook"): 1,
        ("wingman_deliveries_claimed", "webhook"): 1,
        ("wingman_deliveries_dead", "webhook"): 2,
        ("wingman_deliveries_due", "realtime"): 1,
    }
    assert 20 * 60 <= lags["email"] < 21 * 60
    assert 40 * 60 <= lags["webhook"] < 41 * 60


def test_a_login_that_is_no_operators_is_told_in_one_line(wingman, database_url):
    done = wingman("metrics", url=login_url(database_url, "authenticator"))
    assert fails_in_one_line(done) == "permission denied for schema wingman_admin"
