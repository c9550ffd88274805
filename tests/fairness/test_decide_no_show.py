"""decide_no_show and the queue: what operators make of reports."""

import json
from uuid import uuid4

import pytest
from contract_errors import refused
from fairness.noshows import (
    DISMISSED,
    UPHELD,
    answer,
    decide,
    let_pass,
    mark,
    missed,
    report,
    report_in_state,
    reports,
    revert,
    statuses,
    withdraw,
)
from harness import LISBON, OPERATOR
from matchmaking import seeker_row, waiting
from rows import business_rows, counters, ledger, make_pair, make_session, session_row, update_session

DECIDE = "wingman_admin.decide_no_show"
QUEUE = "select * from wingman_admin.no_show_queue"


def decisions(db):
    return [
        (row["kind"], row["subject_id"], row["details"], row["reason"], row["login"])
        for row in db.execute("select * from wingman.operator_decisions order by id")
    ]


@pytest.fixture
def both(db, rpc, pair):
    """A session of which each says that the other one did not come."""
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    report(rpc, pair.user2, session_id)
    return session_id


# The outcome.


@pytest.mark.parametrize("state", ["contested", "unanswered"])
@pytest.mark.parametrize("cancelled_by", [None, "user1", "user2"])
def test_upheld_it_counts_as_a_no_show_also_after_a_cancellation(
    db, rpc, pair, operator, state, cancelled_by
):
    session_id = report_in_state(db, rpc, pair, state)
    if cancelled_by == "user2":
        rpc.as_user(pair.user2).call("cancel_session", session_id=session_id)
    elif cancelled_by == "user1":
        # her own cancelling would withdraw it
        rpc.as_user(pair.user1).call("end_match", match_id=pair.match_id)
    assert decide(operator, session_id, pair.user2, reason="Two witnesses") == UPHELD
    session = session_row(db, session_id)
    assert (session["status"], session["is_active"]) == ("no_show", False)
    assert session["cancelled_by"] == (getattr(pair, cancelled_by) if cancelled_by else None)
    assert [(row["user_id"], row["kind"], row["delta"]) for row in ledger(db)] == [
        (pair.user2, "no_show", -1)
    ]
    assert [counters(db, one) for one in (pair.user1, pair.user2)] == [(0, 0, 0), (0, 1, -1)]
    absent = {"absent_user_ids": [str(pair.user2)]}
    assert decisions(db) == [("no_show_upheld", session_id, absent, "Two witnesses", OPERATOR)]
    (row,) = reports(db)
    assert (row["status"], row["closed_at"]) == ("upheld", session["updated_at"])


@pytest.mark.parametrize("state", ["contested", "unanswered"])
def test_dismissed_it_changes_the_report_alone(db, rpc, pair, operator, state):
    session_id = report_in_state(db, rpc, pair, state)
    before = business_rows(db)
    assert decide(operator, session_id) == DISMISSED
    after = business_rows(db)
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"wingman.no_show_reports", "wingman.operator_decisions"}
    assert decisions(db) == [("no_show_dismissed", session_id, {}, "Seen", OPERATOR)]
    # the session goes on
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    assert session_row(db, session_id)["status"] == "completed"


@pytest.mark.parametrize(
    ("absent", "expected"),
    [
        (("user2",), ["upheld", "dismissed"]),
        (("user1",), ["dismissed", "upheld"]),
        (("user1", "user2"), ["upheld", "upheld"]),
        ((), ["dismissed", "dismissed"]),
    ],
)
def test_both_reports_are_decided_at_once(db, pair, operator, both, absent, expected):
    ids = [getattr(pair, one) for one in absent]
    since = {one: waiting(db, one) for one in (pair.user1, pair.user2)}
    decide(operator, both, *ids)
    assert statuses(db) == expected
    assert session_row(db, both)["status"] == ("no_show" if absent else "scheduled")
    assert [counters(db, one)[1] for one in (pair.user1, pair.user2)] == [
        int(one in absent) for one in ("user1", "user2")
    ]
    assert [row["user_id"] for row in ledger(db)] == sorted(ids)
    # only somebody who came waits as if there had been no match
    changed = {one for one in since if waiting(db, one) != since[one]}
    assert changed == ({pair.user1, pair.user2} - {*ids} if absent else set())


def test_both_can_have_been_absent_where_one_was_reported(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "contested")
    decide(operator, session_id, pair.user1, pair.user2, pair.user2)
    assert statuses(db) == ["upheld"]
    assert [counters(db, one) for one in (pair.user1, pair.user2)] == [(0, 1, -1)] * 2
    assert [row["buddy_id"] for row in ledger(db)] == [pair.user2, pair.user1]


def test_a_report_that_is_over_stays_as_it_is(db, rpc, pair, operator, both):
    withdraw(rpc, pair.user1, both)
    decide(operator, both, pair.user1)
    assert statuses(db) == ["withdrawn", "upheld"]


def test_a_lapsed_one_beside_an_undecided_one_stays_lapsed(db, rpc, pair, operator):
    db.execute("update wingman.settings set no_show_window = '8760 hours'")
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    let_pass(db, "14 days")
    report(rpc, pair.user2, session_id)
    answer(rpc, pair.user1, session_id, "contest")
    decide(operator, session_id, pair.user1)
    assert statuses(db) == ["open", "upheld"]


def test_one_unanswered_report_is_waited_for(db, rpc, pair, operator):
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    (row,) = reports(db)
    with refused(db, "no_show_answer_pending", time=f"{row['answer_by']:%Y-%m-%d %H:%M} UTC"):
        decide(operator, session_id)


def test_a_mark_decides_what_is_undecided_answered_or_not(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "open")
    mark(operator, session_id, pair.user1)
    assert statuses(db) == ["dismissed"]
    other = report_in_state(db, rpc, pair, "open")
    mark(operator, other, pair.user2)
    assert statuses(db) == ["dismissed", "upheld"]


def test_upheld_it_can_be_reverted_for_whom_it_counted(db, rpc, pair, operator, both):
    decide(operator, both, pair.user1, pair.user2)
    revert(operator, both)
    assert [counters(db, one) for one in (pair.user1, pair.user2)] == [(0, 0, 0)] * 2
    assert statuses(db) == ["upheld", "upheld"]


def test_decisions_are_on_the_list_of_decisions_about_sessions(db, rpc, pair, operator, both):
    decide(operator, both, pair.user1)
    second = report_in_state(db, rpc, pair, "contested")
    decide(operator, second)
    told = operator.connection.execute(
        "select session_id, decision, user_ids from wingman_admin.session_decisions order by created_at"
    ).fetchall()
    assert [tuple(row.values()) for row in told] == [
        (both, "no_show_upheld", [pair.user1]),
        (second, "no_show_dismissed", []),
    ]


# Who has left.


def test_a_no_show_upheld_while_somebody_is_away_counts_when_they_return(db, rpc, pair, operator):
    db.execute("update wingman.settings set cooldown_steps = '{1 hour}'")
    session_id = report_in_state(db, rpc, pair, "unanswered")
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    decide(operator, session_id, pair.user2)
    assert [row["kind"] for row in ledger(db)] == ["departed"]
    told = {"first_name": "Ben", "experience_level": "beginner", **LISBON}
    rpc.as_user(pair.user2).call("complete_profile", **told)
    assert counters(db, pair.user2) == (0, 1, -1)
    assert seeker_row(db, pair.user2)["cooldown_until"] is not None
    # once
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    rpc.as_user(pair.user2).call("complete_profile", **told)
    assert counters(db, pair.user2) == (0, 1, -1)
    assert db.execute("select from wingman.reputation_differences").fetchall() == []


def test_so_does_one_of_somebody_whom_nobody_had_reported(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "unanswered")
    rpc.as_user(pair.user1).call("erase_my_account", confirmation="erase")
    decide(operator, session_id, pair.user1, pair.user2)
    assert counters(db, pair.user2) == (0, 1, -1)
    told = {"first_name": "Ana", "experience_level": "beginner", **LISBON}
    rpc.as_user(pair.user1).call("complete_profile", **told)
    assert counters(db, pair.user1) == (0, 1, -1)
    assert db.execute("select from wingman.reputation_differences").fetchall() == []


def test_nor_if_it_was_reverted_meanwhile(db, rpc, pair, operator):
    db.execute("update wingman.settings set cooldown_steps = '{1 hour}'")
    session_id = report_in_state(db, rpc, pair, "unanswered")
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    decide(operator, session_id, pair.user2)
    revert(operator, session_id)
    told = {"first_name": "Ben", "experience_level": "beginner", **LISBON}
    rpc.as_user(pair.user2).call("complete_profile", **told)
    assert counters(db, pair.user2) == (0, 0, 0)
    assert seeker_row(db, pair.user2)["cooldown_until"] is None


def test_a_report_outlives_both_accounts_without_their_words(db, rpc, pair, operator):
    session_id = missed(db, pair)
    report(rpc, pair.user1, session_id, note="§note")
    answer(rpc, pair.user2, session_id, "contest", statement="§statement")
    db.execute("delete from auth.users where id = %s", [pair.user1])
    assert [(row["note"], row["statement"]) for row in reports(db)] == [(None, "§statement")]
    db.execute("delete from auth.users where id = %s", [pair.user2])
    assert [(row["note"], row["statement"]) for row in reports(db)] == [(None, None)]
    assert decide(operator, session_id, pair.user2) == UPHELD


# What is refused.


def test_what_there_is_no_report_about(db, pair, operator):
    session_id = missed(db, pair)
    with refused(db, "no_show_not_found"):
        decide(operator, session_id, pair.user2)
    with refused(db, "session_not_found"):
        decide(operator, uuid4(), pair.user2)


@pytest.mark.parametrize("argument", ["session_id", "outcome", "reason"])
def test_every_argument_is_needed(db, rpc, pair, operator, argument):
    session_id = report_in_state(db, rpc, pair, "contested")
    told = {"session_id": session_id, "outcome": "dismiss", "reason": "Seen", argument: None}
    with refused(db, "missing_argument", argument=argument):
        operator.call(DECIDE, absent_user_ids=None, **told)


@pytest.mark.parametrize(
    ("outcome", "absent", "argument", "rule"),
    [
        ("upheld", None, "outcome", "must be uphold or dismiss"),
        ("uphold", None, "absent_user_ids", "must name who was absent"),
        ("uphold", [], "absent_user_ids", "must name who was absent"),
        ("dismiss", ["user2"], "absent_user_ids", "must be empty or null where nobody was absent"),
        ("uphold", ["user1"], "absent_user_ids", "must name somebody who is reported"),
    ],
)
def test_outcome_and_absence_agree(db, rpc, pair, operator, outcome, absent, argument, rule):
    session_id = report_in_state(db, rpc, pair, "contested")
    ids = None if absent is None else [getattr(pair, one) for one in absent]
    told = {"session_id": session_id, "outcome": outcome, "absent_user_ids": ids, "reason": "Seen"}
    with refused(db, "invalid_argument", argument=argument, rule=rule):
        operator.call(DECIDE, **told)


@pytest.mark.parametrize("who", ["a stranger", "nobody", "one and a stranger", "one and nobody"])
def test_only_its_two_people_can_have_been_absent(db, rpc, people, pair, operator, who):
    session_id = report_in_state(db, rpc, pair, "contested")
    stranger = people.add() if who.endswith("stranger") else None
    ids = [pair.user2, stranger] if who.startswith("one") else [stranger]
    told = {"session_id": session_id, "outcome": "uphold", "absent_user_ids": ids, "reason": "Seen"}
    with refused(db, "not_session_participant"):
        operator.call(DECIDE, **told)


@pytest.mark.parametrize("reason", ["", " ", "x" * 501])
def test_the_reason_says_something(db, rpc, pair, operator, reason):
    session_id = report_in_state(db, rpc, pair, "contested")
    rule = "must be 1 to 500 characters"
    with refused(db, "invalid_argument", argument="reason", rule=rule):
        decide(operator, session_id, pair.user2, reason=reason)


# The queue.


def test_the_queue_holds_what_is_undecided_and_what_can_be_decided(db, rpc, people, operator):
    states = ("contested", "open", "unanswered", "admitted", "withdrawn", "upheld", "dismissed")
    sessions = {}
    for state in states:
        pair = make_pair(db, people)
        if state == "unanswered":
            # only its own time may pass
            session_id = report_in_state(db, rpc, pair, "open")
            with db.transaction():
                db.execute("set local session_replication_role = replica")
                db.execute(
                    """update wingman.no_show_reports set
                           created_at = created_at - interval '2 days',
                           answer_by = answer_by - interval '2 days',
                           decide_by = decide_by - interval '2 days'
                       where session_id = %s""",
                    [session_id],
                )
            sessions[state] = session_id
        else:
            sessions[state] = report_in_state(db, rpc, pair, state)
    rows = operator.connection.execute(QUEUE).fetchall()
    told = [(row["session_id"], row["status"], row["can_be_decided"]) for row in rows]
    assert told == [
        (sessions["unanswered"], "open", True),
        (sessions["contested"], "contested", True),
        (sessions["open"], "open", False),
    ]
    let_pass(db, "14 days")
    assert operator.connection.execute(QUEUE).fetchall() == []


def test_the_queue_says_what_there_is_to_know(db, rpc, pair, operator):
    mark(operator, make_session(db, pair.match_id), pair.user2)
    session_id = report_in_state(db, rpc, pair, "contested")
    rpc.as_user(pair.user2).call("cancel_session", session_id=session_id)
    (row,) = operator.connection.execute(QUEUE).fetchall()
    assert (row["reporter_id"], row["accused_id"]) == (pair.user1, pair.user2)
    assert (row["reporter_no_shows"], row["accused_no_shows"]) == (0, 1)
    assert (row["session_status"], row["reason"]) == ("cancelled", "did_not_come")
    db.execute("delete from auth.users")
    (row,) = operator.connection.execute(QUEUE).fetchall()
    assert (row["reporter_no_shows"], row["accused_no_shows"]) == (0, 0)


def test_the_timeline_and_the_overview_of_both_tell_of_it(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "contested")
    decide(operator, session_id, pair.user2)
    for user_id, received, made in ((pair.user1, 0, 1), (pair.user2, 1, 0)):
        (row,) = operator.call("wingman_admin.user_overview", user_id=user_id)
        assert (row["no_show_reports_received"], row["no_show_reports_made"]) == (received, made)
        told = operator.connection.execute(
            "select kind, by_user_id from wingman_admin.user_timeline(%s)", [user_id]
        ).fetchall()
        kinds = {row["kind"]: row["by_user_id"] for row in told}
        assert kinds["no_show_reported"] == pair.user1
        assert kinds["no_show_contested"] == pair.user2
        assert {"no_show_upheld", "session_no_show"} <= set(kinds)


def test_the_people_are_told_in_the_history_of_their_match(rpc, db, pair, operator):
    session_id = report_in_state(db, rpc, pair, "contested")
    decide(operator, session_id, pair.user2)
    for me in (pair.user1, pair.user2):
        story = rpc.as_user(me).call("get_match_history", match_id=pair.match_id)
        told = [(event["event"], event["by_me"]) for event in story if "no_show" in event["event"]]
        assert told == [
            ("no_show_reported", me == pair.user1),
            ("no_show_contested", me == pair.user2),
            ("no_show_upheld", None),
            ("session_no_show", None),
        ]
        assert OPERATOR not in json.dumps(story, default=str)


def test_a_confirmation_given_before_stays_and_completes_nothing(db, rpc, pair, operator):
    session_id = report_in_state(db, rpc, pair, "contested")
    update_session(db, session_id, "user1_completed_confirmed_by_user2 = true")
    decide(operator, session_id, pair.user2)
    row = session_row(db, session_id)
    assert (row["status"], row["user1_completed_confirmed_by_user2"]) == ("no_show", True)
