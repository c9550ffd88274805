"""What the page does: one call each, with the operator's login, or nothing at all without ``--write``."""

from uuid import uuid4

import psycopg
import pytest
from channels.outbox import DEAD, make_message
from fairness.noshows import missed, report_in_state
from harness import OPERATOR, login_url
from operating import told_by
from psycopg.rows import dict_row
from rows import make_pair, make_session, session_row
from wingmanmatch.admin.connections import Connections
from wingmanmatch.admin.looks import OFFERED
from wingmanmatch.admin.settings import Settings
from wingmanmatch.errors import ReadOnlyTransaction, WingmanError


@pytest.fixture
def pair(db, people):
    return make_pair(db, people)


def decisions(db):
    return db.execute(
        "select kind, login, subject_id, reason from wingman.operator_decisions"
        # made by the tests themselves
        " where kind <> 'webhook_added' order by id"
    ).fetchall()


def done(answer):
    assert answer.status_code == 200, answer.text
    assert answer.json()["success"] is True
    return answer.json()["message"]


def test_a_report_is_taken_and_decided_by_the_login(writing_page, db, rpc, pair):
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Was rude")
    [waiting] = writing_page.get("queues")["reports"]
    assert done(writing_page.call("take_report", report_id=waiting["report_id"])) == "Report taken."
    assert writing_page.get("queues")["reports"][0]["taken_by"] == OPERATOR
    note = {"outcome": "dismissed", "note": "They have met since; „alles gut“ 👍"}
    done(writing_page.call("resolve_report", report_id=waiting["report_id"], **note))
    assert writing_page.get("queues")["reports"] == []
    assert [(row["kind"], row["login"], row["reason"]) for row in decisions(db)] == [
        ("report_taken", OPERATOR, "To look into it"),
        ("report_dismissed", OPERATOR, note["note"]),
    ]


def calls(db, rpc, people):
    """Each function that the page offers, with arguments for which there is something to do."""
    pair = make_pair(db, people)
    rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Was rude")
    report = db.execute("select id from wingman.user_reports").fetchone()["id"]
    yield "take_report", {"report_id": report}
    yield "resolve_report", {"report_id": report, "outcome": "resolved", "note": "x"}
    contested = report_in_state(db, rpc, pair, "contested")
    absent = {"absent_user_ids": [str(pair.user2)], "outcome": "uphold"}
    yield "decide_no_show", {"session_id": contested, **absent, "reason": "x"}
    yield "revert_completion", {"session_id": contested, "reason": "x"}
    other = missed(db, make_pair(db, people))
    absent_id = session_row(db, other)["user1_id"]
    yield "mark_no_show", {"session_id": other, "absent_user_id": absent_id, "reason": "x"}
    third = make_pair(db, people)
    yield "cancel_session", {"session_id": make_session(db, third.match_id), "reason": "x"}
    yield "end_match", {"match_id": third.match_id, "reason": "x"}
    until = "2099-01-01T00:00:00Z"
    yield "suspend_user", {"user_id": third.user1, "until": until, "reason": "x"}
    yield "lift_suspension", {"user_id": third.user1, "reason": "x"}
    yield "requeue_delivery", {"delivery_id": make_message(db, people, DEAD), "reason": "x"}
    yield "drop_delivery", {"delivery_id": make_message(db, people, DEAD), "reason": "x"}
    changes = {"exposure_limit": 8, "level_relaxation": None, "push_hosts": ["a.example", "b.example"]}
    yield "change_settings", {"changes": changes, "reason": "x"}


def as_json(arguments):
    return {
        name: value if value is None or isinstance(value, list | dict | str) else str(value)
        for name, value in arguments.items()
    }


def test_every_function_of_the_page(writing_page, db, rpc, people):
    made = set()
    for function, arguments in calls(db, rpc, people):
        done(writing_page.call(function, **as_json(arguments)))
        made.add(function)
    assert made == {*OFFERED}
    assert {row["login"] for row in decisions(db)} == {OPERATOR}
    assert len(decisions(db)) == len(OFFERED)
    told = db.execute("select exposure_limit, push_hosts from wingman.settings").fetchone()
    assert told == {"exposure_limit": 8, "push_hosts": ["a.example", "b.example"]}
    sources = db.execute(
        "select distinct split_part(source, e'\\t', 4) as login from wingman.events"
        " where wingman.decision_of(source) is not null"
    ).fetchall()
    assert sources == [{"login": OPERATOR}]


def test_without_write_nothing_is_called(page, db, rpc, people):
    for function, arguments in calls(db, rpc, people):
        assert told_by(page.call(function, **as_json(arguments))) == (403, "read_only"), function
    assert decisions(db) == []


@pytest.mark.parametrize("login", [OPERATOR, None], ids=["operator", "superuser"])
def test_without_write_the_connections_cannot_write(database_url, db, login):
    """Whatever the page were to ask for."""
    connections = Connections(Settings(login_url(database_url, login) if login else database_url))
    call = "select wingman_admin.change_settings('{\"exposure_limit\": 1}', 'x')"
    write = "update wingman.settings set exposure_limit = 1"
    try:
        for statement in (call, write) if login is None else (call,):
            for way in (connections.calling, connections.reading):
                with pytest.raises(WingmanError) as refusal, way() as connection:
                    connection.execute(statement)
                assert isinstance(refusal.value, ReadOnlyTransaction)
    finally:
        connections.close()
    assert db.execute("select exposure_limit from wingman.settings").fetchone() == {"exposure_limit": 10}


def test_with_write_a_look_still_cannot(operators_url):
    connections = Connections(Settings(operators_url, writes=True))
    try:
        with pytest.raises(ReadOnlyTransaction), connections.reading() as connection:
            connection.execute("select wingman_admin.change_settings('{\"exposure_limit\": 1}', 'x')")
    finally:
        connections.close()


def test_what_the_page_does_not_offer(writing_page, db):
    others = ("erase_user", "export_user", "find_users", "nothing", "set_notification_text", "a;b", "%00")
    for function in others:
        assert told_by(writing_page.call(function, reason="x")) == (404, "not_found"), function
    assert decisions(db) == []


REFUSED = [
    ("end_match", {"match_id": str(uuid4()), "reason": "x"}, 404, "match_not_found"),
    ("end_match", {"match_id": "x", "reason": "x"}, 400, "invalid_input"),
    ("end_match", {"match_id": [1], "reason": "x"}, 400, "invalid_input"),
    ("end_match", {"match_id": True, "reason": "x"}, 400, "invalid_input"),
    ("end_match", {"match_id": {"a": 1}, "reason": "x"}, 400, "invalid_input"),
    ("end_match", {"match_id": 10**30, "reason": "x"}, 400, "invalid_input"),
    ("end_match", {"match_id": str(uuid4())}, 400, "missing_argument"),
    ("end_match", {}, 400, "missing_argument"),
    ("end_match", {"match_id": str(uuid4()), "reason": "x", "more": 1}, 400, "invalid_input"),
    ("end_match", {"match_id": str(uuid4()), "reason": "x" * 501}, 400, "invalid_argument"),
    ("end_match", {"match_id": str(uuid4()), "reason": "x\x00"}, 400, "invalid_input"),
    ("end_match", {"match_id": str(uuid4()), "reason": "\ud800"}, 400, "invalid_input"),
    ("end_match", {"match_id": str(uuid4()), 'reason") --': "x"}, 400, "invalid_input"),
    ("change_settings", {"changes": {"nothing": 1}, "reason": "x"}, 400, "invalid_argument"),
    ("change_settings", {"changes": [1], "reason": "x"}, 400, "invalid_input"),
    ("change_settings", {"changes": {"exposure_limit": -1}, "reason": "x"}, 400, "invalid_argument"),
    ("change_settings", {"changes": None, "reason": "x"}, 400, "missing_argument"),
    (
        "decide_no_show",
        {"session_id": str(uuid4()), "outcome": "uphold", "reason": "x"},
        400,
        "invalid_argument",
    ),
    ("resolve_report", {"report_id": str(uuid4()), "outcome": "x", "note": "x"}, 400, "invalid_argument"),
]


def test_what_cannot_be_done_is_refused_by_name_and_changes_nothing(writing_page, db):
    for function, arguments, status, code in REFUSED:
        assert told_by(writing_page.call(function, **arguments)) == (status, code), (function, arguments)
    assert decisions(db) == []


def test_a_body_that_holds_no_arguments(writing_page):
    for body in (b"", b"[]", b"1", b"null", b"{", b'{"a": 1', b"\xff", b"[" * 60_000):
        answer = writing_page.client.post("/api/call/end_match", content=body)
        assert told_by(answer) == (400, "invalid_input"), body[:9]


@pytest.mark.exhaustive
def test_somebody_else_holds_the_record(writing_page, db, database_url, pair):
    with psycopg.connect(database_url, row_factory=dict_row) as other:
        other.execute("select from public.wingman_matches for update")
        answer = writing_page.call("end_match", match_id=str(pair.match_id), reason="x")
    assert answer.json()["code"] == "busy"
    assert decisions(db) == []
    done(writing_page.call("end_match", match_id=str(pair.match_id), reason="x"))


def test_a_function_that_the_login_may_not_call(open_page, database_url, db, pair):
    db.execute("create role wingman_test_half login")
    try:
        db.execute("grant usage on schema wingman_admin to wingman_test_half")
        db.execute("grant execute on function wingman_admin.find_users(text) to wingman_test_half")
        page = open_page(login_url(database_url, "wingman_test_half"), writes=True)
        answer = page.call("end_match", match_id=str(pair.match_id), reason="x")
        assert told_by(answer) == (403, "insufficient_privilege")
        assert answer.json()["grant"] == 'grant wingman_admin to "wingman_test_half";'
    finally:
        db.execute("drop owned by wingman_test_half; drop role wingman_test_half")
    assert decisions(db) == []
