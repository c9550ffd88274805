"""Messages that were given up: an operator has each sent again or drops it, once."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from answers import refused
from channels.outbox import (
    DEAD,
    WAITING,
    claim,
    decisions,
    make_message,
    make_messages,
    message,
    settle,
    states,
    update_message,
)
from harness import OPERATOR, Caller

REQUEUE, DROP = "wingman_admin.requeue_delivery", "wingman_admin.drop_delivery"
BOTH = pytest.mark.parametrize("function", [REQUEUE, DROP])
ABOUT = {"channel": "webhook", "kind": "match_offered", "last_error": "http_503"}


@pytest.fixture
def operator(rpc) -> Caller:
    """A login of wingman_admin."""
    return rpc.as_admin()


@pytest.fixture
def dead(db, people) -> UUID:
    """A message that was given up."""
    return make_message(db, people, DEAD)


def test_one_is_sent_again_with_all_its_attempts(db, operator, dead):
    before = datetime.now(UTC)
    answer = operator.call(REQUEUE, delivery_id=dead, reason="The receiver is back")
    assert answer == {"success": True, "message": "Message is due again."}
    row = message(db, dead)
    assert (row["attempts"], row["token"], row["settled_at"]) == (0, None, None)
    assert (row["last_error"], before <= row["next_attempt_at"]) == ("http_503", True)
    (claimed,) = claim(db)
    assert (claimed["id"], claimed["attempt"]) == (dead, 1)
    # with the waits of the first attempt, not of the eleventh
    assert settle(db, claimed, "retry", "http_503") == ["waiting"]


def test_one_is_dropped(db, operator, dead):
    answer = operator.call(DROP, delivery_id=dead, reason="Nobody needs it now")
    assert answer == {"success": True, "message": "Message dropped: it will not be sent."}
    assert message(db, dead)["state"] == "dropped"
    assert message(db, dead)["last_error"] == "dropped_by_operator"
    assert claim(db) == []


@pytest.mark.parametrize(("function", "kind"), [(REQUEUE, "delivery_requeued"), (DROP, "delivery_dropped")])
def test_it_is_kept_who_decided_it_and_why(db, operator, dead, function, kind):
    operator.call(function, delivery_id=dead, reason="As agreed")
    assert decisions(db)[1:] == [(kind, dead, ABOUT)]
    row = db.execute(
        "select login, reason from wingman_admin.decisions where subject_id = %s", [dead]
    ).fetchone()
    assert row == {"login": OPERATOR, "reason": "As agreed"}


@BOTH
@pytest.mark.parametrize("again", [REQUEUE, DROP])
def test_each_is_decided_once(db, operator, dead, function, again):
    operator.call(function, delivery_id=dead, reason="As agreed")
    status = "due" if function == REQUEUE else "dropped"
    with refused(db, "delivery_not_dead", 409, f"Message is {status}", status=status):
        operator.call(again, delivery_id=dead, reason="Once more")


@BOTH
@pytest.mark.parametrize(
    ("assignments", "status"),
    [
        ("state = 'due'", "due"),
        (WAITING, "waiting"),
        ("state = 'sent', settled_at = now()", "sent"),
        (
            "state = 'claimed', token = gen_random_uuid(), next_attempt_at = now() + interval '1 hour'",
            "claimed",
        ),
        # its worker is lost
        ("state = 'claimed', token = gen_random_uuid(), next_attempt_at = now()", "due"),
    ],
    ids=["due", "waiting", "sent", "claimed", "lapsed"],
)
def test_one_that_is_not_dead(db, people, operator, function, assignments, status):
    message_id = make_message(db, people, assignments)
    with refused(db, "delivery_not_dead", 409, f"Message is {status}", status=status):
        operator.call(function, delivery_id=message_id, reason="As agreed")


@BOTH
def test_one_that_is_not_there(db, operator, function):
    with refused(db, "delivery_not_found", 404, "Message not found"):
        operator.call(function, delivery_id=uuid4(), reason="As agreed")


@BOTH
@pytest.mark.parametrize("argument", ["delivery_id", "reason"])
def test_every_argument_is_needed(db, operator, dead, function, argument):
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(function, **{"delivery_id": dead, "reason": "As agreed", argument: None})


@BOTH
def test_a_reason_has_rules(db, operator, dead, function):
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", 400, f"reason {rule}", argument="reason", rule=rule):
        operator.call(function, delivery_id=dead, reason=" ")


def test_one_that_is_wanted_no_more_is_dropped_when_it_is_due_again(db, people, operator):
    first = make_messages(db, people, DEAD)[0]
    operator.call(REQUEUE, delivery_id=first, reason="The receiver is back")
    db.execute(
        "delete from public.wingman_notifications where id = %s", [message(db, first)["notification_id"]]
    )
    assert claim(db) == []
    assert states(db) == [("dropped", "gone"), ("dead", "http_503")]


def test_operators_see_them_newest_first(db, people, operator):
    older, newer = make_messages(db, people, DEAD)
    seen = operator.connection.execute("select * from wingman_admin.dead_deliveries").fetchall()
    assert [row["id"] for row in seen] == [newer, older]
    assert seen[0].keys() == {
        *("id", "channel", "kind", "user_id", "attempts", "last_error", "created_at", "settled_at")
    }
    row = message(db, newer)
    assert {column: row[column] for column in seen[0]} == seen[0]
    operator.call(REQUEUE, delivery_id=newer, reason="The receiver is back")
    assert len(operator.connection.execute("select from wingman_admin.dead_deliveries").fetchall()) == 1


def test_operators_see_how_much_is_left_to_send(db, people, operator):
    def backlog():
        return operator.connection.execute("select * from wingman_admin.delivery_backlog").fetchall()

    assert backlog() == []
    first, second = make_messages(db, people)
    written = [message(db, one)["created_at"] for one in (first, second)]
    about = {"channel": "webhook", "due_since": None}
    due = {**about, "state": "due", "messages": 2, "oldest_at": written[0], "due_since": written[0]}
    assert backlog() == [due]
    update_message(db, first, DEAD)
    update_message(db, second, WAITING)
    dead, waiting = (
        {**about, "state": state, "messages": 1, "oldest_at": at}
        for state, at in zip(("dead", "waiting"), written, strict=True)
    )
    assert backlog() == [dead, waiting]
    update_message(db, second, "next_attempt_at = created_at + interval '1 microsecond'")
    since = message(db, second)["next_attempt_at"]
    assert backlog() == [
        dead,
        {**about, "state": "due", "messages": 1, "oldest_at": written[1], "due_since": since},
    ]
    update_message(db, second, "state = 'sent', next_attempt_at = null, settled_at = statement_timestamp()")
    assert backlog() == [dead]
