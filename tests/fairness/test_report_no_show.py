"""report_no_show: who can be reported by whom, when, and what the report says."""

from datetime import UTC, timedelta

import pytest
from answers import at_one_instant
from contract_errors import refused
from fairness.noshows import let_pass, missed, report, reports, statuses, suspend, withdraw
from harness import RpcError
from rows import business_rows, make_session, session_row, update_session

GRACE, WINDOW = timedelta(minutes=30), timedelta(hours=72)
BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
TEXT = {"rule": "must be 1 to 2000 characters"}


def shown(moment):
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def report_at(db, pair, session_id, offset):
    """Report it exactly that long after its time."""
    return at_one_instant(
        db,
        f"public.report_no_show('{session_id}', 'did_not_come', null, '{pair.user1}')",
        first=f"""update public.wingman_sessions
                  set scheduled_time = statement_timestamp() - interval '{offset}'
                  where id = '{session_id}'""",
    )


# What is written down.


@pytest.mark.parametrize("reason", ["did_not_come", "came_too_late", "left_early"])
def test_a_report_is_written_down_and_shown(db, rpc, pair, reason):
    session_id = missed(db, pair)
    before = business_rows(db)
    answer = report(rpc, pair.user1, session_id, reason, note="I waited; 'Blue Note' ¿?\n\tÀ")
    (row,) = reports(db)
    session = session_row(db, session_id)
    after = business_rows(db)
    (told,) = after["wingman.no_show_reports"]
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"wingman.no_show_reports", "public.wingman_sessions"}
    assert (session["no_show_reported"], session["status"]) == (True, "scheduled")
    assert told["note"] == "I waited; 'Blue Note' ¿?\n\tÀ"
    assert (row["reporter_id"], row["accused_id"]) == (pair.user1, pair.user2)
    assert row["created_at"] == session["updated_at"]
    assert answer == {
        "id": row["id"],
        "session_id": session_id,
        "reported_by_me": True,
        "reason": reason,
        "note": "I waited; 'Blue Note' ¿?\n\tÀ",
        "status": "open",
        "statement": None,
        "created_at": row["created_at"],
        "answer_by": answer["answer_by"],
        "decide_by": answer["decide_by"],
        "answered_at": None,
        "closed_at": None,
    }
    for name in ("answer_by", "decide_by"):
        assert answer[name] == row[name]
    assert row["answer_by"] == row["created_at"] + timedelta(hours=48)
    assert row["decide_by"] == row["created_at"] + timedelta(days=14)


def test_the_settings_say_how_long_everything_takes(db, rpc, pair):
    db.execute(
        """update wingman.settings set no_show_answer_within = '2 hours', no_show_decide_within = '3 hours',
               no_show_grace = '0', no_show_window = '2 hours'"""
    )
    report(rpc, pair.user1, missed(db, pair, starts="-119 minutes"))
    (row,) = reports(db)
    assert row["answer_by"] - row["created_at"] == timedelta(hours=2)
    assert row["decide_by"] - row["created_at"] == timedelta(hours=3)


def test_a_second_report_by_the_same_person_is_the_first_one_and_costs_nothing(db, rpc, pair):
    session_id = missed(db, pair)
    first = report(rpc, pair.user1, session_id, note="First")
    before = business_rows(db)
    limits = db.execute("select * from wingman.rate_limits").fetchall()
    assert report(rpc, pair.user1, session_id, "left_early", note="Second") == first
    assert business_rows(db) == before
    assert db.execute("select * from wingman.rate_limits").fetchall() == limits


def test_the_limit_is_that_of_all_reports(db, rpc, pair):
    for _ in range(10):
        rpc.as_user(pair.user1).call("report_user", subject_id=pair.user2, reason="Late")
    session_id = missed(db, pair)
    with pytest.raises(RpcError) as caught:
        report(rpc, pair.user1, session_id)
    assert (caught.value.name, caught.value.status) == ("rate_limited", 429)
    assert reports(db) == []
    assert session_row(db, session_id)["no_show_reported"] is False


# When.


@pytest.mark.parametrize(
    ("offset", "error"),
    [
        ("30 minutes", None),
        ("30 minutes -1 microsecond", "no_show_too_early"),
        ("72 hours 30 minutes", None),
        ("72 hours 30 minutes 1 microsecond", "no_show_window_closed"),
        ("0", "no_show_too_early"),
        ("-1 hour", "no_show_too_early"),
        ("90 days", "no_show_window_closed"),
    ],
)
def test_from_the_grace_on_to_the_end_of_the_window_to_the_microsecond(db, pair, offset, error):
    session_id = missed(db, pair)
    if error is None:
        assert report_at(db, pair, session_id, offset)["status"] == "open"
    else:
        with pytest.raises(RpcError, match=error):
            report_at(db, pair, session_id, offset)
        assert reports(db) == []


def test_too_early_and_too_late_say_from_when_on_and_until_when(db, rpc, pair):
    session_id = missed(db, pair, starts="-1 minute")
    scheduled = session_row(db, session_id)["scheduled_time"]
    with refused(db, "no_show_too_early", time=shown(scheduled + GRACE)):
        report(rpc, pair.user1, session_id)
    update_session(db, session_id, "scheduled_time = scheduled_time - interval '4 days'")
    scheduled = session_row(db, session_id)["scheduled_time"]
    with refused(db, "no_show_window_closed", time=shown(scheduled + GRACE + WINDOW)):
        report(rpc, pair.user1, session_id)


# Who.


@pytest.mark.parametrize(
    "committed",
    [
        "proposed_by = user2_id",
        "proposed_by = user1_id, agreed_by = user2_id, agreed_at = now()",
        "status = 'in_progress', started_by = user2_id",
        "user1_completed_confirmed_by_user2 = true",
    ],
    ids=["proposed", "agreed", "started", "confirmed"],
)
@pytest.mark.parametrize("cancelled", [False, True])
def test_who_has_committed_can_be_reported(db, rpc, pair, committed, cancelled):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, committed)
    if cancelled:
        rpc.as_user(pair.user2).call("cancel_session", session_id=session_id)
    assert report(rpc, pair.user1, session_id)["status"] == "open"


@pytest.mark.parametrize(
    "committed",
    [
        "proposed_by = null",
        "proposed_by = user1_id",
        "status = 'in_progress', started_by = user1_id",
        "proposed_by = user1_id, created_by = user2_id",
    ],
    ids=["by hand", "reporter proposed", "reporter started", "what was arranged was moved"],
)
def test_who_has_not_cannot(db, rpc, pair, committed):
    session_id = make_session(db, pair.match_id)
    update_session(db, session_id, committed)
    with refused(db, "buddy_not_committed"):
        report(rpc, pair.user1, session_id)


def test_nobody_else_reports(db, rpc, people, pair):
    session_id, stranger = missed(db, pair), people.add()
    with refused(db, "not_session_participant"):
        report(rpc, stranger, session_id)


def test_not_by_who_has_confirmed(db, rpc, pair):
    session_id = missed(db, pair)
    rpc.as_user(pair.user1).call("confirm_session_completion", session_id=session_id)
    with pytest.raises(RpcError) as caught:
        report(rpc, pair.user1, session_id)
    assert (caught.value.name, caught.value.status) == ("already_confirmed", 409)
    assert caught.value.detail["state"]["i_confirmed_buddy"] is True
    assert reports(db) == []


@pytest.mark.parametrize("status", ["completed", "no_show", "cancelled"])
def test_not_about_a_session_that_was_over_otherwise(db, rpc, pair, status):
    session_id = missed(db, pair)
    if status == "completed":
        # by hand: neither has confirmed to the other one
        update_session(
            db,
            session_id,
            "status = 'completed', completed_at = now(), user1_completed_confirmed_by_user2 = true,"
            " user2_completed_confirmed_by_user1 = true",
        )
        with pytest.raises(RpcError, match="already_confirmed"):
            report(rpc, pair.user1, session_id)
        return
    # cancelled by hand, nobody knows when
    update_session(db, session_id, f"status = '{status}'")
    with refused(db, "invalid_session_state", verb="reported", status=status):
        report(rpc, pair.user1, session_id)


@BY_EITHER
@pytest.mark.parametrize("way", ["cancel_session", "end_match", "block_user"])
def test_an_end_after_its_time_leaves_the_right_to_report(db, rpc, pair, by, way):
    session_id = missed(db, pair)
    me, other = (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)
    arguments = {
        "cancel_session": {"session_id": session_id},
        "end_match": {"match_id": pair.match_id},
        "block_user": {"subject_id": other},
    }
    rpc.as_user(me).call(way, **arguments[way])
    assert session_row(db, session_id)["status"] == "cancelled"
    assert report(rpc, pair.user1, session_id)["status"] == "open"


@BY_EITHER
@pytest.mark.parametrize("way", ["cancel_session", "end_match", "block_user"])
def test_an_end_before_its_time_leaves_none(db, rpc, pair, by, way):
    session_id = missed(db, pair, starts="1 hour")
    me, other = (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)
    arguments = {
        "cancel_session": {"session_id": session_id},
        "end_match": {"match_id": pair.match_id},
        "block_user": {"subject_id": other},
    }
    rpc.as_user(me).call(way, **arguments[way])
    with refused(db, "invalid_session_state", verb="reported", status="cancelled"):
        report(rpc, pair.user1, session_id)


@pytest.mark.parametrize(("offset", "may"), [("0", True), ("-1 microsecond", False)])
def test_cancelled_at_its_time_is_after_it(db, rpc, pair, offset, may):
    session_id = missed(db, pair)
    at_one_instant(
        db,
        f"public.cancel_session('{session_id}', null, '{pair.user2}')",
        first=f"""update public.wingman_sessions
                  set scheduled_time = statement_timestamp() - interval '{offset}'
                  where id = '{session_id}'""",
    )
    db.execute("update wingman.settings set no_show_grace = '0'")
    if may:
        assert report(rpc, pair.user1, session_id)["status"] == "open"
    else:
        with refused(db, "invalid_session_state", verb="reported", status="cancelled"):
            report(rpc, pair.user1, session_id)


def test_an_operator_s_end_after_its_time_leaves_it_too(db, rpc, pair, operator):
    session_id = missed(db, pair)
    operator.call("wingman_admin.cancel_session", session_id=session_id, reason="They asked")
    assert report(rpc, pair.user1, session_id)["status"] == "open"


def test_a_departure_leaves_it_too(db, rpc, pair):
    session_id = missed(db, pair)
    rpc.as_user(pair.user2).call("erase_my_account", confirmation="erase")
    assert report(rpc, pair.user1, session_id)["status"] == "open"


def test_a_suspension_of_who_did_not_come_leaves_the_session_and_the_right(db, rpc, pair, operator):
    session_id = missed(db, pair)
    suspend(operator, pair.user2)
    assert session_row(db, session_id)["status"] == "scheduled"
    assert report(rpc, pair.user1, session_id)["status"] == "open"


# Arguments.


@pytest.mark.parametrize("argument", ["session_id", "reason"])
def test_session_and_reason_are_required(db, rpc, pair, argument):
    arguments = {"session_id": missed(db, pair), "reason": "did_not_come", argument: None}
    with refused(db, "missing_argument", argument=argument):
        report(rpc, pair.user1, **arguments)


@pytest.mark.parametrize("reason", ["", "rude", "DID_NOT_COME", "did_not_come "])
def test_the_reason_is_one_of_a_list(db, rpc, pair, reason):
    session_id = missed(db, pair)
    rule = "must be did_not_come, came_too_late or left_early"
    with refused(db, "invalid_argument", argument="reason", rule=rule):
        report(rpc, pair.user1, session_id, reason)


@pytest.mark.parametrize("note", ["x", "ö" * 2000, " ¿? "])
def test_a_note_of_1_to_2000_characters_is_kept(db, rpc, pair, note):
    report(rpc, pair.user1, missed(db, pair), note=note)
    assert [row["note"] for row in reports(db)] == [note]


@pytest.mark.parametrize("note", ["", " \n\t", "x" * 2001])
def test_another_note_is_refused(db, rpc, pair, note):
    session_id = missed(db, pair)
    with refused(db, "invalid_argument", argument="note", **TEXT):
        report(rpc, pair.user1, session_id, note=note)


def test_no_control_characters(db, rpc, pair):
    session_id = missed(db, pair)
    with refused(db, "invalid_argument", argument="note", rule="must not contain control characters"):
        report(rpc, pair.user1, session_id, note="a\u202eb")


# The order of the checks.


class TestOrderOfChecks:
    def test_participants_before_everything_about_the_session(self, db, rpc, people, pair):
        session_id = make_session(db, pair.match_id, "completed", starts="-1 year")
        stranger = people.add()
        with refused(db, "not_session_participant"):
            report(rpc, stranger, session_id)

    def test_an_earlier_report_before_a_suspension(self, db, rpc, pair, operator):
        session_id = missed(db, pair)
        first = report(rpc, pair.user1, session_id)
        suspend(operator, pair.user1)
        assert report(rpc, pair.user1, session_id) == first
        withdraw(rpc, pair.user1, session_id)
        with refused(db, "no_show_already_decided", status="withdrawn"):
            report(rpc, pair.user1, session_id)

    def test_a_suspension_before_the_state_of_the_session(self, db, rpc, pair, operator):
        session_id = make_session(db, pair.match_id, "no_show")
        suspend(operator, pair.user1)
        with refused(db, "account_suspended", until=None):
            report(rpc, pair.user1, session_id)

    def test_own_confirmation_before_the_state(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, "completed")
        with pytest.raises(RpcError, match="already_confirmed"):
            report(rpc, pair.user1, session_id)

    def test_the_state_before_the_buddy_s_commitment(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, "cancelled")
        with refused(db, "invalid_session_state", verb="reported", status="cancelled"):
            report(rpc, pair.user1, session_id)

    def test_the_buddy_s_commitment_before_the_time(self, db, rpc, pair):
        session_id = make_session(db, pair.match_id, starts="1 hour")
        with refused(db, "buddy_not_committed"):
            report(rpc, pair.user1, session_id)


# Both at once.


def test_who_reports_back_contests_and_is_contested(db, rpc, pair):
    session_id = missed(db, pair, by="both")
    assert report(rpc, pair.user1, session_id)["status"] == "open"
    assert report(rpc, pair.user2, session_id)["status"] == "contested"
    assert statuses(db) == ["contested", "contested"]
    first, second = reports(db)
    assert first["answered_at"] == second["answered_at"] == second["created_at"]
    assert [first["statement"], second["statement"]] == [None, None]


def test_a_report_back_contests_also_what_was_contested(db, rpc, pair):
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    rpc.as_user(pair.user2).call("answer_no_show", session_id=session_id, action="contest")
    (before,) = reports(db)
    assert report(rpc, pair.user2, session_id)["status"] == "contested"
    assert reports(db)[0] == before


@pytest.mark.parametrize("end", ["withdrawn", "lapsed"])
def test_a_report_back_to_one_that_is_over_is_open(db, rpc, pair, end):
    db.execute("update wingman.settings set no_show_window = '8760 hours'")
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    if end == "withdrawn":
        withdraw(rpc, pair.user1, session_id)
    else:
        let_pass(db, "14 days")
    assert report(rpc, pair.user2, session_id)["status"] == "open"
    assert statuses(db)[0] == ("withdrawn" if end == "withdrawn" else "open")


def test_of_two_contested_ones_either_can_be_withdrawn_alone(db, rpc, pair):
    session_id = missed(db, pair, by="both")
    report(rpc, pair.user1, session_id)
    report(rpc, pair.user2, session_id)
    withdraw(rpc, pair.user1, session_id)
    assert statuses(db) == ["withdrawn", "contested"]
    with refused(db, "no_show_already_answered"):
        rpc.as_user(pair.user1).call("answer_no_show", session_id=session_id, action="admit")
