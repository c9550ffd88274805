"""run_readers: all readers read once, for operators and services, with the limits of maintenance."""

import pytest
from answers import refused
from psycopg import IsolationLevel
from rows import make_pair

RUN = "wingman.run_readers"
NOTHING = {"told": 0, "counted_events": 0, "counted_reputation_events": 0, "ranked": 0, "evaluated": 0}


def test_every_reader_reads_what_has_happened(db, operator, people):
    make_pair(db, people)
    events = db.execute("select count(*) as rows from wingman.events").fetchone()["rows"]
    assert operator.call(RUN) == {**NOTHING, "told": events, "counted_events": events}
    assert operator.call(RUN) == NOTHING


def test_each_at_most_so_much(db, operator, people):
    make_pair(db, people)
    assert operator.call(RUN, max_rows=2) == {**NOTHING, "told": 2, "counted_events": 2}


def test_it_counts_the_ledger_as_well(db, rpc, operator, people):
    pair = make_pair(db, people)
    db.execute(
        """insert into public.wingman_sessions (match_id, venue_name, scheduled_time)
           values (%s, 'Café', statement_timestamp())""",
        [pair.match_id],
    )
    session = db.execute("select id from public.wingman_sessions").fetchone()
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session["id"])
    done = operator.call(RUN)
    assert (done["counted_reputation_events"], done["ranked"]) == (2, 2)


def test_it_tidies_nothing_up(db, operator, people):
    make_pair(db, people, "lapsed")
    operator.call(RUN)
    assert db.execute("select status from public.wingman_matches").fetchall() == [{"status": "pending"}]


def test_a_service_may_run_it(db, rpc, people):
    people.add()
    assert rpc.as_service().call(RUN)["told"] == 1


def test_users_may_not(rpc, people):
    for caller in (rpc.as_user(people.add()), rpc.as_anon()):
        with pytest.raises(Exception, match="permission denied"):
            caller.call(RUN)


@pytest.mark.parametrize("max_rows", [0, -1, 100_001])
def test_how_much_has_its_limits(db, operator, max_rows):
    rule = "must be 1 to 100000"
    with refused(db, "invalid_argument", 400, f"max_rows {rule}", argument="max_rows", rule=rule):
        operator.call(RUN, max_rows=max_rows)


def test_how_much_is_said(db, operator):
    with refused(db, "missing_argument", 400, "max_rows is required", argument="max_rows"):
        operator.call(RUN, max_rows=None)


def test_only_read_committed_and_read_write(db, rpc, people):
    people.add()
    operator = rpc.as_admin()
    operator.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    message = "Call this function at READ COMMITTED"
    with refused(db, "unsupported_isolation", 400, message):
        operator.call(RUN)
    operator.connection.isolation_level = None
    operator.connection.read_only = True
    message = "Call this function in a read-write transaction"
    with refused(db, "read_only_transaction", 400, message):
        operator.call(RUN)
