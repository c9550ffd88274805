"""revert_completion: what a session gave to reputations is taken back, once."""

from uuid import uuid4

import psycopg
import pytest
from answers import refused
from harness import OPERATOR
from rows import COMPLETE, all_rows, counters, ledger, make_session, session_row, update_session

REVERT = "wingman_admin.revert_completion"


def revert(operator, session_id, reason="Never met"):
    return operator.call(REVERT, session_id=session_id, reason=reason)


def test_a_completion_counts_for_neither_any_more(db, operator, pair, completed):
    before = session_row(db, completed)

    assert revert(operator, completed) == {
        "success": True,
        "message": "Completion reverted: neither reputation counts this session any more.",
    }

    row = session_row(db, completed)
    assert row["reverted_at"] == row["updated_at"] > before["updated_at"]
    assert {**row, "reverted_at": None, "updated_at": None} == {**before, "updated_at": None}
    events = {(event["user_id"], event["kind"], event["delta"]) for event in ledger(db)}
    assert events == {
        (user_id, kind, delta)
        for user_id in (pair.user1, pair.user2)
        for kind, delta in [("completed", 1), ("completion_reverted", -1)]
    }
    assert counters(db, pair.user1) == counters(db, pair.user2) == (0, 0, 0)
    decision = db.execute("select * from wingman_admin.session_decisions").fetchall()
    assert [(d["session_id"], d["decision"], d["reason"], d["decided_by"]) for d in decision] == [
        (completed, "reverted", "Never met", OPERATOR)
    ]
    assert decision[0]["user_ids"] == [pair.user1, pair.user2]


def test_a_no_show_counts_no_more(db, operator, pair, missed):
    assert counters(db, pair.user1) == (0, 1, -1)

    assert revert(operator, missed, "Was at the other door")["message"] == (
        "No-show reverted: it does not count any more."
    )

    row = session_row(db, missed)
    assert (row["status"], row["reverted_at"]) == ("no_show", row["updated_at"])
    assert [(e["user_id"], e["kind"], e["delta"]) for e in sorted(ledger(db), key=lambda e: e["kind"])] == [
        (pair.user1, "no_show", -1),
        (pair.user1, "no_show_reverted", 1),
    ]
    assert counters(db, pair.user1) == counters(db, pair.user2) == (0, 0, 0)


def test_what_other_sessions_gave_stays(db, rpc, operator, pair, completed):
    other = make_session(db, pair.match_id)
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=other)
    revert(operator, completed)
    assert counters(db, pair.user1) == counters(db, pair.user2) == (1, 0, 1)


@pytest.mark.parametrize("kind", ["completed", "missed"])
def test_a_second_revert_is_refused(db, operator, request, kind):
    session_id = request.getfixturevalue(kind)
    revert(operator, session_id)
    message = "Session cannot be reverted - current status: reverted"
    with refused(db, "invalid_session_state", 409, message, verb="reverted", status="reverted"):
        revert(operator, session_id)


@pytest.mark.parametrize("status", ["scheduled", "in_progress", "cancelled"])
def test_there_must_be_something_to_revert(db, operator, pair, status):
    session_id = make_session(db, pair.match_id, status)
    message = f"Session cannot be reverted - current status: {status}"
    with refused(db, "invalid_session_state", 409, message, verb="reverted", status=status):
        revert(operator, session_id)


def test_a_session_that_is_not_there(db, operator):
    with refused(db, "session_not_found", 404, "Session not found"):
        revert(operator, uuid4())


@pytest.mark.parametrize("argument", ["session_id", "reason"])
def test_every_argument_is_needed(db, operator, completed, argument):
    arguments = {"session_id": completed, "reason": "Never met", argument: None}
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(REVERT, **arguments)


@pytest.mark.parametrize("reason", ["", "\t", "x" * 501], ids=["empty", "blank", "too long"])
def test_the_reason_says_something(db, operator, completed, reason):
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        revert(operator, completed, reason)


def test_a_deleted_account_does_not_hinder_it(db, operator, pair, completed):
    db.execute("delete from auth.users where id = %s", [pair.user1])
    revert(operator, completed)
    assert len(ledger(db)) == 4
    assert counters(db, pair.user2) == (0, 0, 0)


def test_a_confirmation_is_still_answered_with_the_state(db, rpc, operator, pair, completed):
    revert(operator, completed)
    with pytest.raises(Exception, match="already_confirmed"):
        rpc.as_user(pair.user1).call("confirm_session_completion", session_id=completed)


@pytest.mark.parametrize(
    ("isolation", "name"),
    [("repeatable read", "unsupported_isolation"), ("read committed, read only", "read_only_transaction")],
)
@pytest.mark.parametrize("call", [f"{REVERT}(gen_random_uuid(), 'x')", "wingman.run_maintenance()"])
def test_operators_functions_need_a_transaction_that_can_write(db, connect, call, isolation, name):
    connection = connect(user=OPERATOR)
    with pytest.raises(psycopg.Error, match=name) as caught, connection.transaction():
        connection.execute(f"set transaction isolation level {isolation}")
        connection.execute(f"select {call}")
    assert caught.value.sqlstate == "PT400"


class TestTheSession:
    """What the trigger accepts, whoever writes."""

    def broken(self, db, session_id, assignments):
        before = all_rows(db)
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            update_session(db, session_id, assignments)
        assert caught.value.diag.constraint_name == "wingman_sessions_revert"
        assert all_rows(db) == before

    @pytest.mark.parametrize("status", ["scheduled", "in_progress", "cancelled"])
    def test_is_reverted_only_once_it_is_completed_or_missed(self, db, pair, status):
        self.broken(db, make_session(db, pair.match_id, status), "reverted_at = now()")

    def test_is_not_completed_and_reverted_at_once(self, db, pair):
        self.broken(db, make_session(db, pair.match_id), f"{COMPLETE}, reverted_at = now()")

    @pytest.mark.parametrize("value", ["null", "now()"])
    def test_stays_reverted(self, db, operator, completed, value):
        revert(operator, completed)
        self.broken(db, completed, f"reverted_at = {value}")

    def test_does_not_begin_reverted(self, db, pair):
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            db.execute(
                """insert into public.wingman_sessions (match_id, venue_name, scheduled_time, reverted_at)
                   values (%s, 'Café', now(), now())""",
                [pair.match_id],
            )
        assert caught.value.diag.constraint_name == "wingman_sessions_revert"
