"""What becomes of a report: every step from every state, by calls and by hand."""

import psycopg
import pytest
from contract_errors import refused
from fairness.noshows import (
    DECIDED,
    answer,
    decide,
    listed,
    mark,
    missed,
    report,
    report_in_state,
    reports,
    statuses,
    withdraw,
)
from rows import business_rows, make_pair, session_row, update_session

STATES = ("none", "open", "unanswered", "contested", "admitted", "withdrawn", "upheld", "dismissed", "lapsed")
STEPS = ("report", "admit", "contest", "withdraw", "uphold", "dismiss", "mark")
STORED = ("open", "contested", *DECIDED)

# What each step makes of each state; a word with a space is a refusal. Not here: it is already decided.
_OPEN = {
    "report": "open",
    "admit": "admitted",
    "contest": "contested",
    "withdraw": "withdrawn",
    "uphold": "refused no_show_answer_pending",
    "dismiss": "refused no_show_answer_pending",
    "mark": "upheld",
}
OUTCOMES = {
    "none": {"report": "open", "mark": "none"},
    "open": _OPEN,
    "unanswered": {**_OPEN, "uphold": "upheld", "dismiss": "dismissed"},
    "contested": {
        "report": "contested",
        "admit": "refused no_show_already_answered",
        "contest": "contested",
        "withdraw": "withdrawn",
        "uphold": "upheld",
        "dismiss": "dismissed",
        "mark": "upheld",
    },
    "admitted": {"admit": "admitted", "mark": "refused invalid_session_state"},
    "withdrawn": {"withdraw": "withdrawn", "mark": "withdrawn"},
    "upheld": {"mark": "refused invalid_session_state"},
    "dismissed": {"mark": "dismissed"},
    # as the row says
    "lapsed": {"mark": "open"},
}


def take(rpc, pair, session_id, step):
    operator = rpc.as_admin()
    match step:
        case "report":
            return report(rpc, pair.user1, session_id)
        case "admit" | "contest":
            return answer(rpc, pair.user2, session_id, step)
        case "withdraw":
            return withdraw(rpc, pair.user1, session_id)
        case "uphold":
            return decide(operator, session_id, pair.user2)
        case "dismiss":
            return decide(operator, session_id)
    return mark(operator, session_id, pair.user2)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", STATES)
def test_every_step_from_every_state(db, rpc, pair, state, step):
    session_id = report_in_state(db, rpc, pair, state)
    found = "no_show_not_found" if state == "none" else "no_show_already_decided"
    outcome = OUTCOMES[state].get(step, f"refused {found}")
    if not outcome.startswith("refused"):
        take(rpc, pair, session_id, step)
        assert statuses(db) == ([] if outcome == "none" else [outcome])
        return
    name = outcome.split(" ")[1]
    context = {}
    if name == "no_show_already_decided":
        context = {"status": state}
    elif name == "no_show_answer_pending":
        (row,) = reports(db)
        context = {"time": f"{row['answer_by']:%Y-%m-%d %H:%M} UTC"}
    elif name == "invalid_session_state":
        context = {"verb": "marked as a no-show", "status": "no_show"}
    with refused(db, name, **context):
        take(rpc, pair, session_id, step)


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("open", "report"),
        ("contested", "report"),
        ("contested", "contest"),
        ("admitted", "admit"),
        ("withdrawn", "withdraw"),
    ],
)
def test_the_same_again_changes_nothing(db, rpc, pair, state, step):
    session_id = report_in_state(db, rpc, pair, state)
    before = business_rows(db)
    again = take(rpc, pair, session_id, step)
    assert again["status"] == state
    assert business_rows(db) == before


@pytest.mark.parametrize("state", ["none", *STORED, "unanswered", "lapsed"])
def test_the_two_people_read_its_status(db, rpc, pair, state):
    report_in_state(db, rpc, pair, state)
    shown = {"none": [], "unanswered": ["open"]}.get(state, [state])
    for user_id in (pair.user1, pair.user2):
        assert [row["status"] for row in listed(rpc, user_id)] == shown


# Once lapsed, the session goes on.


def test_a_lapsed_report_keeps_the_session_from_nothing(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "lapsed")
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    assert session_row(db, session_id)["status"] == "completed"
    # nobody has withdrawn it
    assert statuses(db) == ["open"]


def test_or_it_can_be_cancelled(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "lapsed")
    rpc.as_user(pair.user1).call("cancel_session", session_id=session_id)
    assert (session_row(db, session_id)["status"], statuses(db)) == ("cancelled", ["open"])


# What the people do with the session meanwhile.


@pytest.mark.parametrize("state", ["open", "contested"])
@pytest.mark.parametrize("way", ["confirm_session_completion", "cancel_session"])
def test_the_reporter_s_own_confirmation_or_cancellation_withdraws_it(db, rpc, pair, state, way):
    session_id = report_in_state(db, rpc, pair, state)
    rpc.as_user(pair.user1).call(way, session_id=session_id)
    assert statuses(db) == ["withdrawn"]
    assert reports(db)[0]["closed_at"] == session_row(db, session_id)["updated_at"]
    with refused(db, "no_show_already_decided", status="withdrawn"):
        report(rpc, pair.user1, session_id)


@pytest.mark.parametrize("state", ["open", "contested"])
def test_the_accused_may_confirm_which_completes_nothing(db, rpc, pair, state):
    session_id = report_in_state(db, rpc, pair, state)
    told = rpc.as_user(pair.user2).call("confirm_session_completion", session_id=session_id)
    assert (told["both_confirmed"], told["session_status"]) == (False, "scheduled")
    assert statuses(db) == [state]
    told = rpc.as_user(pair.user1).call("confirm_session_completion", session_id=session_id)
    assert (told["both_confirmed"], statuses(db)) == (True, ["withdrawn"])


@pytest.mark.parametrize("state", ["open", "contested"])
@pytest.mark.parametrize(
    ("way", "by"),
    [
        ("cancel_session", "user2"),
        ("end_match", "user1"),
        ("end_match", "user2"),
        ("block_user", "user1"),
        ("block_user", "user2"),
        ("erase_my_account", "user1"),
        ("erase_my_account", "user2"),
    ],
)
def test_whatever_else_ends_the_session_leaves_it(db, rpc, pair, state, way, by):
    session_id = report_in_state(db, rpc, pair, state)
    me, other = (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)
    arguments = {
        "cancel_session": {"session_id": session_id},
        "end_match": {"match_id": pair.match_id},
        "block_user": {"subject_id": other},
        "erase_my_account": {"confirmation": "erase"},
    }
    rpc.as_user(me).call(way, **arguments[way])
    assert (session_row(db, session_id)["status"], statuses(db)) == ("cancelled", [state])


# By hand.


def stored(db, people, rpc, status):
    """A report in a stored state, and a session it could be about as well."""
    pair = make_pair(db, people)
    return pair, report_in_state(db, rpc, pair, status)


def set_to(db, status):
    closed = "null" if status in ("open", "contested") else "coalesce(closed_at, now())"
    answered = "coalesce(answered_at, now())" if status in ("contested", "admitted") else "answered_at"
    db.execute(
        f"""update wingman.no_show_reports
            set status = '{status}', closed_at = {closed}, answered_at = {answered}"""
    )


LEGAL = {
    "open": {"open", "contested", *DECIDED},
    "contested": {"contested", "withdrawn", "upheld", "dismissed"},
    **{status: {status} for status in DECIDED},
}


@pytest.mark.parametrize("new", STORED)
@pytest.mark.parametrize("old", STORED)
def test_every_change_by_hand(db, rpc, people, old, new):
    stored(db, people, rpc, old)
    if new in LEGAL[old]:
        set_to(db, new)
        assert statuses(db) == [new]
    else:
        with pytest.raises(psycopg.errors.CheckViolation, match=f"cannot go from {old} to {new}") as caught:
            set_to(db, new)
        assert caught.value.diag.constraint_name == "no_show_reports_transition"
        assert statuses(db) == [old]


@pytest.mark.parametrize("status", ["lapsed", "decided", ""])
def test_no_other_word(db, rpc, people, status):
    stored(db, people, rpc, "open")
    with pytest.raises(psycopg.errors.CheckViolation, match="cannot go from open to"):
        set_to(db, status)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("reporter_id = accused_id", "no_show_reports_final"),
        ("accused_id = wingman.new_id()", "no_show_reports_final"),
        ("reason = 'left_early'", "no_show_reports_final"),
        ("created_at = created_at - interval '1 hour'", "no_show_reports_final"),
        ("answer_by = answer_by + interval '1 hour'", "no_show_reports_final"),
        ("decide_by = decide_by + interval '1 hour'", "no_show_reports_final"),
        ("id = wingman.new_id()", "no_show_reports_final"),
        ("closed_at = now()", "no_show_reports_closed_check"),
        ("status = 'upheld'", "no_show_reports_closed_check"),
        ("status = 'contested'", "no_show_reports_answered_check"),
        ("note = ' '", "no_show_reports_note_check"),
        ("statement = ''", "no_show_reports_statement_check"),
    ],
)
def test_what_was_reported_stays_and_what_became_of_it_is_dated(db, rpc, people, change, constraint):
    stored(db, people, rpc, "open")
    with pytest.raises(psycopg.errors.CheckViolation) as caught:
        db.execute(f"update wingman.no_show_reports set {change}")
    assert caught.value.diag.constraint_name == constraint


INSERT = """insert into wingman.no_show_reports
        (session_id, reporter_id, accused_id, reason, status, answered_at, closed_at, answer_by, decide_by)
    select s.id, {reporter}, {accused}, {reason}, {status}, {answered}, {closed},
        now() + interval '{answer}', now() + interval '{decide}'
    from public.wingman_sessions as s"""
RIGHT = {
    "reporter": "s.user1_id",
    "accused": "s.user2_id",
    "reason": "'left_early'",
    "status": "'open'",
    "answered": "null",
    "closed": "null",
    "answer": "2 days",
    "decide": "3 days",
}


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        ({}, None),
        ({"status": "'contested'", "answered": "now()"}, None),
        *(
            ({"status": f"'{status}'", "answered": "now()", "closed": "now()"}, "no_show_reports_transition")
            for status in DECIDED
        ),
        ({"status": "'contested'"}, "no_show_reports_answered_check"),
        ({"closed": "now()"}, "no_show_reports_closed_check"),
        ({"accused": "s.user1_id"}, "no_show_reports_two_people_check"),
        ({"accused": "s.id"}, "no_show_reports_people_check"),
        ({"reporter": "s.id"}, "no_show_reports_people_check"),
        ({"reason": "'rude'"}, "no_show_reports_reason_check"),
        ({"answer": "0"}, "no_show_reports_time_check"),
        ({"answer": "3 days"}, "no_show_reports_time_check"),
    ],
)
def test_a_report_written_by_hand(db, pair, wrong, constraint):
    missed(db, pair)
    insert = INSERT.format(**{**RIGHT, **wrong})
    if constraint is None:
        db.execute(insert)
        with pytest.raises(psycopg.errors.UniqueViolation, match="no_show_reports_once"):
            db.execute(insert)
    else:
        with pytest.raises(psycopg.errors.CheckViolation) as caught:
            db.execute(insert)
        assert caught.value.diag.constraint_name == constraint


# The one new step of a session.


@pytest.mark.parametrize("new", ["scheduled", "in_progress", "completed", "no_show"])
@pytest.mark.parametrize("cancelled", ["scheduled_time", "scheduled_time - interval '1 microsecond'", "null"])
def test_a_session_cancelled_since_its_time_becomes_a_no_show_and_nothing_else(db, pair, cancelled, new):
    session_id = missed(db, pair)
    update_session(db, session_id, f"status = 'cancelled', cancelled_at = {cancelled}")
    if (cancelled, new) == ("scheduled_time", "no_show"):
        update_session(db, session_id, "status = 'no_show'")
        row = session_row(db, session_id)
        assert (row["status"], row["is_active"]) == ("no_show", False)
        assert row["cancelled_at"] == row["scheduled_time"]
    else:
        with pytest.raises(psycopg.errors.CheckViolation, match="cannot go from cancelled to"):
            update_session(db, session_id, f"status = '{new}'")


def test_that_it_was_reported_is_never_taken_back(db, rpc, pair):
    session_id = report_in_state(db, rpc, pair, "withdrawn")
    assert session_row(db, session_id)["no_show_reported"] is True
    with pytest.raises(psycopg.errors.CheckViolation, match="never taken back"):
        update_session(db, session_id, "no_show_reported = false")
