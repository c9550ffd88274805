"""mark_no_show: somebody did not come, which counts as one no-show."""

from datetime import UTC
from uuid import uuid4

import pytest
from answers import at_one_instant, refused
from harness import OPERATOR
from rows import counters, ledger, make_session, session_row

MARK = "wingman_admin.mark_no_show"


def decisions(db):
    return db.execute(
        "select session_id, decision, reason, decided_by, user_ids from wingman_admin.session_decisions"
    ).fetchall()


def mark(operator, session_id, user_id, reason="Waited for an hour"):
    return operator.call(MARK, session_id=session_id, absent_user_id=user_id, reason=reason)


@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
@pytest.mark.parametrize("absent", ["user1", "user2"])
def test_the_absent_one_and_nobody_else_pays(db, operator, pair, status, absent):
    absent_id = getattr(pair, absent)
    present_id = pair.user2 if absent == "user1" else pair.user1
    session_id = make_session(db, pair.match_id, status)

    assert mark(operator, session_id, absent_id) == {
        "success": True,
        "message": "No-show recorded: the reputation of the absent user was updated.",
    }

    row = session_row(db, session_id)
    assert (row["status"], row["completed_at"], row["reverted_at"]) == ("no_show", None, None)
    event = {"session_id": session_id, "user_id": absent_id, "kind": "no_show", "delta": -1}
    assert [{key: row[key] for key in event} for row in ledger(db)] == [event]
    assert counters(db, absent_id) == (0, 1, -1)
    assert counters(db, present_id) == (0, 0, 0)
    assert decisions(db) == [
        {
            "session_id": session_id,
            "decision": "no_show",
            "reason": "Waited for an hour",
            "decided_by": OPERATOR,
            "user_ids": [absent_id],
        }
    ]


def test_a_confirmation_given_before_stays(db, operator, pair):
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    mark(operator, session_id, pair.user2)
    row = session_row(db, session_id)
    assert (row["status"], row["user2_completed_confirmed_by_user1"]) == ("no_show", True)
    assert counters(db, pair.user2) == (0, 1, -1)


def test_it_counts_beside_completions(db, rpc, operator, pair, completed):
    mark(operator, make_session(db, pair.match_id), pair.user1)
    assert counters(db, pair.user1) == (1, 1, 0)
    assert counters(db, pair.user2) == (1, 0, 1)


def test_the_match_may_have_another_session_afterwards(db, operator, pair, missed):
    assert session_row(db, make_session(db, pair.match_id))["status"] == "scheduled"


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_only_an_active_session_is_marked(db, operator, pair, status):
    session_id = make_session(db, pair.match_id, status)
    message = f"Session cannot be marked as a no-show - current status: {status}"
    context = {"verb": "marked as a no-show", "status": status}
    with refused(db, "invalid_session_state", 409, message, **context):
        mark(operator, session_id, pair.user1)


def test_twice_is_refused(db, operator, pair, missed):
    message = "Session cannot be marked as a no-show - current status: no_show"
    context = {"verb": "marked as a no-show", "status": "no_show"}
    with refused(db, "invalid_session_state", 409, message, **context):
        mark(operator, missed, pair.user1)


def test_not_before_its_time(db, operator, pair):
    session_id = make_session(db, pair.match_id, starts="1 minute")
    time = f"{session_row(db, session_id)['scheduled_time'].astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    message = f"Cannot confirm completion before scheduled time ({time})"
    with refused(db, "session_not_started", 400, message, time=time):
        mark(operator, session_id, pair.user1)


@pytest.mark.parametrize(("offset", "marked"), [("0", True), ("-1 microsecond", False)])
def test_from_the_scheduled_time_on_to_the_microsecond(db, pair, offset, marked):
    session_id = make_session(db, pair.match_id)
    call = f"wingman_admin.mark_no_show('{session_id}', '{pair.user1}', 'Not there')"
    first = f"""update public.wingman_sessions as s
                set scheduled_time = statement_timestamp() - interval '{offset}'
                where s.id = '{session_id}'"""
    if marked:
        assert at_one_instant(db, call, first=first)["success"]
    else:
        with pytest.raises(Exception, match="session_not_started"):
            at_one_instant(db, call, first=first)


def test_nobody_but_its_two_people_can_have_missed_it(db, operator, people, pair):
    session_id = make_session(db, pair.match_id)
    message = "Access denied - user is not a participant in this session"
    stranger = people.add("Cleo")
    with refused(db, "not_session_participant", 403, message):
        mark(operator, session_id, stranger)


def test_a_session_that_is_not_there(db, operator, pair):
    with refused(db, "session_not_found", 404, "Session not found"):
        mark(operator, uuid4(), pair.user1)


@pytest.mark.parametrize("argument", ["session_id", "absent_user_id", "reason"])
def test_every_argument_is_needed(db, operator, pair, argument):
    arguments = {
        "session_id": make_session(db, pair.match_id),
        "absent_user_id": pair.user1,
        "reason": "Not there",
        argument: None,
    }
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(MARK, **arguments)


@pytest.mark.parametrize("reason", ["", " \n", "x" * 501], ids=["empty", "blank", "too long"])
def test_the_reason_says_something(db, operator, pair, reason):
    rule = "must be 1 to 500 characters"
    session_id = make_session(db, pair.match_id)
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        mark(operator, session_id, pair.user1, reason)


def test_a_reason_of_500_characters_is_kept(db, operator, pair):
    mark(operator, make_session(db, pair.match_id), pair.user1, "ö" * 500)
    assert decisions(db)[0]["reason"] == "ö" * 500
