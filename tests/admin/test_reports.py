"""Reports: an operator takes one, looks into it, and decides it once."""

from uuid import UUID, uuid4

import pytest
from answers import refused
from harness import OPERATOR
from psycopg.rows import scalar_row
from rows import make_match

TAKE, RESOLVE = "wingman_admin.take_report", "wingman_admin.resolve_report"


@pytest.fixture
def report(db, rpc, pair) -> UUID:
    return make_report(db, rpc, pair.user1, pair.user2)


def make_report(db, rpc, reporter: UUID, subject: UUID, reason: str = "Was rude") -> UUID:
    rpc.as_user(reporter).call("report_user", subject_id=subject, reason=reason)
    query = "select r.id from wingman.user_reports as r order by r.id desc limit 1"
    found = db.cursor(row_factory=scalar_row).execute(query).fetchone()
    assert isinstance(found, UUID)
    return found


def row(db, report_id):
    return db.execute(
        """select status, taken_by, decided_at is not null as is_decided
           from wingman_admin.user_reports where id = %s""",
        [report_id],
    ).fetchone()


def decisions(db):
    return db.execute(
        "select kind, subject_id, login, reason, details from wingman_admin.decisions order by id"
    ).fetchall()


def test_one_is_taken_and_decided(db, operator, report):
    assert row(db, report) == {"status": "open", "taken_by": None, "is_decided": False}
    assert operator.call(TAKE, report_id=report) == {"success": True, "message": "Report taken."}
    assert row(db, report) == {"status": "taken", "taken_by": OPERATOR, "is_decided": False}
    answer = operator.call(RESOLVE, report_id=report, outcome="resolved", note="Spoke to both")
    assert answer == {"success": True, "message": "Report resolved."}
    assert row(db, report) == {"status": "resolved", "taken_by": OPERATOR, "is_decided": True}
    assert decisions(db) == [
        {
            "kind": "report_taken",
            "subject_id": report,
            "login": OPERATOR,
            "reason": "To look into it",
            "details": {"taken_from": None},
        },
        {
            "kind": "report_resolved",
            "subject_id": report,
            "login": OPERATOR,
            "reason": "Spoke to both",
            "details": {},
        },
    ]


def test_taking_it_again_changes_nothing(db, operator, report):
    operator.call(TAKE, report_id=report)
    before = db.execute("select * from wingman.user_reports").fetchall()
    assert operator.call(TAKE, report_id=report)["message"] == "Report taken."
    assert db.execute("select * from wingman.user_reports").fetchall() == before
    assert len(decisions(db)) == 1


def test_another_operator_takes_it_over(db, operator, report):
    me = db.info.user
    db.execute("select from wingman_admin.take_report(%s)", [report])
    answer = operator.call(TAKE, report_id=report, reason="My shift")
    assert answer == {"success": True, "message": f"Report taken over from {me}."}
    assert row(db, report)["taken_by"] == OPERATOR
    assert [(one["login"], one["details"]) for one in decisions(db)] == [
        (me, {"taken_from": None}),
        (OPERATOR, {"taken_from": me}),
    ]


def test_only_who_has_taken_it_decides_it(db, operator, report):
    arguments = {"report_id": report, "outcome": "dismissed", "note": "Nothing in it"}
    with refused(db, "report_not_taken", 409, "Report is not taken by you"):
        operator.call(RESOLVE, **arguments)
    db.execute("select from wingman_admin.take_report(%s)", [report])
    with refused(db, "report_not_taken", 409, "Report is not taken by you"):
        operator.call(RESOLVE, **arguments)
    operator.call(TAKE, report_id=report)
    assert operator.call(RESOLVE, **arguments)["message"] == "Report dismissed."


@pytest.mark.parametrize("outcome", ["resolved", "dismissed"])
def test_a_decision_is_final(db, operator, report, outcome):
    operator.call(TAKE, report_id=report)
    operator.call(RESOLVE, report_id=report, outcome=outcome, note="Seen")
    message = f"Report is already {outcome}"
    for function, arguments in ((TAKE, {}), (RESOLVE, {"outcome": "resolved", "note": "Once more"})):
        with refused(db, "report_already_decided", 409, message, status=outcome):
            operator.call(function, report_id=report, **arguments)


@pytest.mark.parametrize("function", [TAKE, RESOLVE])
def test_a_report_that_is_not_there(db, operator, function):
    arguments = {"outcome": "resolved", "note": "x"} if function == RESOLVE else {}
    with refused(db, "report_not_found", 404, "Report not found"):
        operator.call(function, report_id=uuid4(), **arguments)


@pytest.mark.parametrize(
    ("function", "argument"),
    [(TAKE, "report_id"), (TAKE, "reason"), (RESOLVE, "report_id"), (RESOLVE, "outcome"), (RESOLVE, "note")],
)
def test_every_argument_is_needed(db, operator, report, function, argument):
    given = (
        {"report_id": report, "reason": "x"}
        if function == TAKE
        else {"report_id": report, "outcome": "resolved", "note": "x"}
    )
    with refused(db, "missing_argument", 400, f"{argument} is required", argument=argument):
        operator.call(function, **{**given, argument: None})


@pytest.mark.parametrize(
    ("function", "arguments", "argument", "rule"),
    [
        (TAKE, {"reason": " "}, "reason", "must be 1 to 500 characters"),
        (TAKE, {"reason": "a\x1bb"}, "reason", "must not contain control characters"),
        (RESOLVE, {"outcome": "resolved", "note": "x" * 501}, "note", "must be 1 to 500 characters"),
        (RESOLVE, {"outcome": "open", "note": "x"}, "outcome", "must be resolved or dismissed"),
    ],
)
def test_what_is_said_has_rules(db, operator, report, function, arguments, argument, rule):
    with refused(db, "invalid_argument", 400, f"{argument} {rule}", argument=argument, rule=rule):
        operator.call(function, report_id=report, **arguments)


def test_the_queue_begins_with_whom_most_buddies_report(db, rpc, people, operator):
    rude, late = people.add("Rude"), people.add("Late")
    old = make_report(db, rpc, people.add(), late, "Came late")
    # one who was never matched with anybody, twice, does not outweigh anybody
    stranger = people.add()
    strange = [make_report(db, rpc, stranger, late), make_report(db, rpc, stranger, late)]
    buddies = [people.add(), people.add()]
    for buddy in buddies:
        make_match(db, buddy, rude, "declined")
    by_buddies = [make_report(db, rpc, buddy, rude) for buddy in buddies]
    operator.call(TAKE, report_id=by_buddies[0])
    operator.call(RESOLVE, report_id=by_buddies[0], outcome="resolved", note="Warned")
    queue = db.execute(
        "select report_id, matched_reporters, status from wingman_admin.report_queue"
    ).fetchall()
    assert [(one["report_id"], one["matched_reporters"]) for one in queue] == [
        (by_buddies[1], 2),
        (old, 0),
        (strange[0], 0),
        (strange[1], 0),
    ]
    assert {one["status"] for one in queue} == {"open"}


def test_no_state_but_these_can_be_written(db, report):
    for assignments in (
        "status = 'taken'",
        "status = 'resolved', taken_by = 'ada', taken_at = now()",
        "status = 'open', taken_by = 'ada', taken_at = now()",
        "decided_at = now()",
        "status = 'shelved'",
    ):
        with pytest.raises(Exception, match=r"user_reports_(taken|decided|status)_check"), db.transaction():
            db.execute(f"update wingman.user_reports set {assignments} where id = %s", [report])
    assert row(db, report)["status"] == "open"
