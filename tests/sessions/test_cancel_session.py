import pytest
from contract_errors import refused
from rows import ACTIVE_STATUSES, TERMINAL_STATUSES, all_rows, make_match, make_session, session_row


@pytest.mark.parametrize("status", ACTIVE_STATUSES)
def test_either_participant_cancels_an_active_session(db, rpc, pair, sides, status):
    session_id = make_session(db, pair.match_id, status)
    before = session_row(db, session_id)
    answer = rpc.as_user(sides.me).call("cancel_session", session_id=session_id, reason="It rains")
    row = session_row(db, session_id)
    assert answer == {
        "id": session_id,
        "match_id": pair.match_id,
        "buddy_user_id": sides.buddy,
        "venue_name": row["venue_name"],
        "scheduled_time": row["scheduled_time"],
        "notes": None,
        "status": "cancelled",
        "i_confirmed_buddy": False,
        "buddy_confirmed_me": False,
        "both_confirmed": False,
        "completed_at": None,
        "created_at": row["created_at"],
        "proposed_by_me": False,
        "proposed_at": row["proposed_at"],
        "agreed_at": None,
        "cancelled_at": row["updated_at"],
        "no_show_reported": False,
    }
    assert row == before | {
        "status": "cancelled",
        "is_active": False,
        "cancelled_by": sides.me,
        "cancellation_reason": "It rains",
        "cancelled_at": row["updated_at"],
        "updated_at": row["updated_at"],
    }
    assert row["updated_at"] > before["updated_at"]


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_cancelling_for_a_participant_names_that_participant(db, rpc, pair, caller):
    session_id = make_session(db, pair.match_id)
    getattr(rpc, caller)().call("cancel_session", session_id=session_id, user_id=pair.user2)
    assert session_row(db, session_id)["cancelled_by"] == pair.user2


@pytest.mark.parametrize("starts", ["-30 days", "30 days"], ids=["past", "future"])
def test_a_session_can_be_cancelled_at_any_time(db, rpc, pair, starts):
    session_id = make_session(db, pair.match_id, starts=starts)
    rpc.as_user(pair.user1).call("cancel_session", session_id=session_id)
    assert session_row(db, session_id)["status"] == "cancelled"


@pytest.mark.parametrize("reason", [None, "", "é" * 500], ids=["none", "0", "500"])
def test_a_reason_of_up_to_500_characters_is_kept(db, rpc, pair, reason):
    session_id = make_session(db, pair.match_id)
    answer = rpc.as_user(pair.user1).call("cancel_session", session_id=session_id, reason=reason)
    assert answer["status"] == "cancelled"
    assert session_row(db, session_id)["cancellation_reason"] == reason


def test_a_reason_of_501_characters_is_refused(db, rpc, pair):
    session_id = make_session(db, pair.match_id)
    rule = "must be at most 500 characters"
    with refused(db, "invalid_argument", argument="reason", rule=rule):
        rpc.as_user(pair.user1).call("cancel_session", session_id=session_id, reason="x" * 501)


def test_cancelling_again_changes_nothing(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id)
    first = rpc.as_user(pair.user1).call("cancel_session", session_id=session_id, reason="It rains")
    before = all_rows(db)
    again = rpc.as_user(sides.me).call("cancel_session", session_id=session_id, reason="It snows")
    assert again == first | {"buddy_user_id": sides.buddy}
    assert all_rows(db) == before


def test_cancelling_an_old_session_again_leaves_the_new_one_alone(db, rpc, pair):
    old = make_session(db, pair.match_id, "cancelled")
    make_session(db, pair.match_id)
    before = all_rows(db)
    assert rpc.as_user(pair.user1).call("cancel_session", session_id=old)["status"] == "cancelled"
    assert all_rows(db) == before


@pytest.mark.parametrize("status", TERMINAL_STATUSES)
def test_cancelling_leaves_what_was_over_before_alone(db, rpc, pair, status):
    old = make_session(db, pair.match_id, status)
    before = session_row(db, old)
    rpc.as_user(pair.user1).call("cancel_session", session_id=make_session(db, pair.match_id))
    assert session_row(db, old) == before


def test_cancelling_leaves_sessions_of_other_matches_alone(db, rpc, pair, people):
    session_id = make_session(db, pair.match_id)
    other = make_session(db, make_match(db, pair.user1, people.add("Cleo")))
    before = session_row(db, other)
    rpc.as_user(pair.user1).call("cancel_session", session_id=session_id)
    assert session_row(db, other) == before


@pytest.mark.parametrize("status", ["completed", "no_show"])
def test_a_session_that_is_over_cannot_be_cancelled(db, rpc, pair, sides, status):
    session_id = make_session(db, pair.match_id, status)
    with refused(db, "invalid_session_state", verb="cancelled", status=status):
        rpc.as_user(sides.me).call("cancel_session", session_id=session_id)


def test_a_confirmation_given_before_stays(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id, confirmed_by=[sides.my_number])
    answer = rpc.as_user(sides.buddy).call("cancel_session", session_id=session_id)
    assert (answer["i_confirmed_buddy"], answer["buddy_confirmed_me"]) == (False, True)
    row = session_row(db, session_id)
    assert row["user2_completed_confirmed_by_user1"] is (sides.my_number == 1)
    assert row["user1_completed_confirmed_by_user2"] is (sides.my_number == 2)
