"""Operators cancel a session or end a match, in nobody's name; the journal names the decision."""

from uuid import uuid4

import pytest
from answers import refused
from harness import OPERATOR
from rows import make_pair, make_session, session_row

CANCEL, END = "wingman_admin.cancel_session", "wingman_admin.end_match"


def decisions(db):
    return db.execute(
        "select id, kind, subject_id, login, reason, details from wingman_admin.decisions order by id"
    ).fetchall()


def audited(db, *kinds):
    return db.execute(
        """select kind, session_id, user_id, call, acted_for, login, decision_id from wingman_admin.audit_log
           where kind = any (%s) order by id""",
        [[*kinds]],
    ).fetchall()


@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_a_session_is_cancelled_by_nobody(db, rpc, operator, pair, status):
    session_id = make_session(db, pair.match_id, status)
    answer = operator.call(CANCEL, session_id=session_id, reason="The venue burned down")
    assert answer["message"] == "Session cancelled: the two people can arrange another one."
    row = session_row(db, session_id)
    assert (row["status"], row["cancelled_by"], row["cancellation_reason"]) == ("cancelled", None, None)
    (decision,) = decisions(db)
    assert {**decision, "id": None} == {
        "id": None,
        "kind": "session_cancelled",
        "subject_id": session_id,
        "login": OPERATOR,
        "reason": "The venue burned down",
        "details": {},
    }
    assert audited(db, "session_cancelled") == [
        {
            "kind": "session_cancelled",
            "session_id": session_id,
            "user_id": None,
            "call": "cancel_session",
            "acted_for": None,
            "login": OPERATOR,
            "decision_id": decision["id"],
        }
    ]
    details = rpc.as_user(pair.user1).call("get_session", session_id=session_id)
    assert "burned" not in str(details)


def test_a_match_is_ended_by_nobody(db, rpc, operator, pair):
    session_id = make_session(db, pair.match_id)
    answer = operator.call(END, match_id=pair.match_id, reason="They asked us to")
    assert answer["message"] == "Match ended: its active session, if it had one, is cancelled."
    match = db.execute("select * from public.wingman_matches where id = %s", [pair.match_id]).fetchone()
    assert (match["status"], match["ended_by"]) == ("accepted", None)
    assert match["ended_at"] is not None
    assert session_row(db, session_id)["status"] == "cancelled"
    (decision,) = decisions(db)
    assert (decision["kind"], decision["subject_id"]) == ("match_ended", pair.match_id)
    assert [(one["kind"], one["decision_id"]) for one in audited(db, "match_ended", "session_cancelled")] == [
        ("match_ended", decision["id"]),
        ("session_cancelled", decision["id"]),
    ]
    assert rpc.as_user(pair.user2).call("get_match", match_id=pair.match_id)["ended_at"] is not None


def test_what_comes_later_in_the_transaction_is_no_part_of_the_decision(db, connect, pair):
    session_id = make_session(db, pair.match_id)
    connection = connect(user=db.info.user)
    with connection.transaction():
        connection.execute("select from wingman_admin.cancel_session(%s, 'Flooded')", [session_id])
        connection.execute(
            "update public.wingman_matches set ended_at = now() where id = %s", [pair.match_id]
        )
    first, second = audited(db, "session_cancelled", "match_ended")
    assert first["decision_id"] is not None
    assert (second["decision_id"], second["call"]) == (None, None)


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_a_session_that_is_over_is_not_cancelled(db, operator, pair, status):
    session_id = make_session(db, pair.match_id, status)
    message = f"Session cannot be cancelled - current status: {status}"
    with refused(db, "invalid_session_state", 409, message, verb="cancelled", status=status):
        operator.call(CANCEL, session_id=session_id, reason="x")


@pytest.mark.parametrize("status", ["pending", "declined", "expired", "lapsed"])
def test_a_match_that_is_not_accepted_is_not_ended(db, people, operator, status):
    pair = make_pair(db, people, status)
    shown = "expired" if status == "lapsed" else status
    message = f"Match status must be 'accepted' (current: {shown})"
    with refused(db, "match_not_accepted", 400, message, status=shown):
        operator.call(END, match_id=pair.match_id, reason="x")


def test_a_match_is_ended_once(db, operator, pair):
    operator.call(END, match_id=pair.match_id, reason="x")
    with refused(
        db, "match_not_accepted", 400, "Match status must be 'accepted' (current: ended)", status="ended"
    ):
        operator.call(END, match_id=pair.match_id, reason="x")


def test_what_is_not_there(db, operator):
    with refused(db, "session_not_found", 404, "Session not found"):
        operator.call(CANCEL, session_id=uuid4(), reason="x")
    with refused(db, "match_not_found", 404, "Match not found"):
        operator.call(END, match_id=uuid4(), reason="x")


@pytest.mark.parametrize(("function", "argument"), [(CANCEL, "session_id"), (END, "match_id")])
def test_every_argument_is_needed(db, operator, pair, function, argument):
    given = {
        argument: make_session(db, pair.match_id) if function == CANCEL else pair.match_id,
        "reason": "x",
    }
    for missing in given:
        with refused(db, "missing_argument", 400, f"{missing} is required", argument=missing):
            operator.call(function, **{**given, missing: None})
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        operator.call(function, **{**given, "reason": "\u3164"})


def test_a_request_id_forges_no_decision(db, rpc, operator, people):
    forged = f"x\t{uuid4()}"
    caller = rpc.as_user(people.add())
    with caller.transaction():
        caller.connection.execute(
            "select set_config('request.headers', json_build_object('x-request-id', %s::text)::text, true)",
            [forged],
        )
        caller.call("pause_matching")
    assert [one["decision_id"] for one in audited(db, "matching_paused")] == [None]
    pair = make_pair(db, people)
    session_id = make_session(db, pair.match_id)
    with operator.transaction():
        operator.connection.execute(
            "select set_config('request.headers', json_build_object('x-request-id', %s::text)::text, true)",
            [forged],
        )
        operator.call(CANCEL, session_id=session_id, reason="x")
    assert [one["decision_id"] for one in audited(db, "session_cancelled")] == [decisions(db)[0]["id"]]
