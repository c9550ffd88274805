from datetime import UTC, datetime

import pytest
from answers import call_at
from contract_errors import refused
from harness import RpcError
from rows import TERMINAL_STATUSES, all_rows, make_session, session_row
from written import Updates, updates_of

AFTERNOON = datetime(2030, 8, 17, 15, 0, tzinfo=UTC)


def test_either_participant_starts_a_scheduled_session(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id)
    before = session_row(db, session_id)
    answer = rpc.as_user(sides.me).call("start_session", session_id=session_id)
    row = session_row(db, session_id)
    assert answer == {
        "id": session_id,
        "match_id": pair.match_id,
        "buddy_user_id": sides.buddy,
        "venue_name": row["venue_name"],
        "scheduled_time": row["scheduled_time"],
        "notes": None,
        "status": "in_progress",
        "i_confirmed_buddy": False,
        "buddy_confirmed_me": False,
        "both_confirmed": False,
        "completed_at": None,
        "created_at": row["created_at"],
        "proposed_by_me": False,
        "proposed_at": row["proposed_at"],
        "agreed_at": None,
        "cancelled_at": None,
        "no_show_reported": False,
    }
    assert row == before | {
        "status": "in_progress",
        "started_by": sides.me,
        "updated_at": row["updated_at"],
    }
    assert row["updated_at"] > before["updated_at"]


def test_a_start_writes_no_index(db, rpc, pair):
    start = {"session_id": make_session(db, pair.match_id)}
    updated = updates_of(rpc.as_user(pair.user1), lambda me: me.call("start_session", **start))
    assert updated == {"wingman_sessions": Updates(1, 1)}


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_start_for_a_participant(db, rpc, pair, caller):
    session_id = make_session(db, pair.match_id)
    answer = getattr(rpc, caller)().call("start_session", session_id=session_id, user_id=pair.user2)
    assert (answer["status"], answer["buddy_user_id"]) == ("in_progress", pair.user1)
    row = session_row(db, session_id)
    assert (row["status"], row["started_by"]) == ("in_progress", pair.user2)


@pytest.mark.parametrize("offset", ["-30 minutes", "0", "7 days"])
def test_a_session_starts_from_30_minutes_before_its_time(db, pair, offset):
    session_id = make_session(db, pair.match_id)
    assert call_at(db, "start_session", session_id, pair.user1, offset)["status"] == "in_progress"
    assert session_row(db, session_id)["status"] == "in_progress"


def test_one_microsecond_earlier_is_too_early(db, pair):
    session_id = make_session(db, pair.match_id)
    before = all_rows(db)
    with pytest.raises(RpcError) as caught:
        call_at(db, "start_session", session_id, pair.user1, "-30 minutes -1 microsecond")
    assert (caught.value.name, caught.value.sqlstate) == ("too_early", "PT400")
    assert all_rows(db) == before


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
def test_too_early_says_the_time_in_utc_wherever_the_caller_is(db, rpc, pair, zone):
    session_id = make_session(db, pair.match_id, starts=AFTERNOON)
    caller = rpc.as_user(pair.user1)
    caller.connection.execute(f"set timezone = '{zone}'")
    with refused(db, "too_early", time="2030-08-17 14:30 UTC"):
        caller.call("start_session", session_id=session_id)


def test_starting_again_changes_nothing(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id)
    first = rpc.as_user(pair.user1).call("start_session", session_id=session_id)
    before = all_rows(db)
    again = rpc.as_user(sides.me).call("start_session", session_id=session_id)
    assert again == first | {"buddy_user_id": sides.buddy}
    assert all_rows(db) == before


def test_starting_again_is_never_too_early(db, rpc, pair):
    session_id = make_session(db, pair.match_id, "in_progress", starts=AFTERNOON)
    before = all_rows(db)
    assert rpc.as_user(pair.user1).call("start_session", session_id=session_id)["status"] == "in_progress"
    assert all_rows(db) == before


@pytest.mark.parametrize("status", TERMINAL_STATUSES)
@pytest.mark.parametrize("starts", ["-1 hour", "1 day"], ids=["past", "future"])
def test_a_session_that_is_over_cannot_be_started(db, rpc, pair, status, starts):
    session_id = make_session(db, pair.match_id, status, starts)
    with refused(db, "invalid_session_state", verb="started", status=status):
        rpc.as_user(pair.user1).call("start_session", session_id=session_id)


def test_a_confirmation_given_before_the_start_stays(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id, confirmed_by=[sides.my_number])
    answer = rpc.as_user(sides.me).call("start_session", session_id=session_id)
    assert (answer["i_confirmed_buddy"], answer["buddy_confirmed_me"]) == (True, False)
    row = session_row(db, session_id)
    assert row["user2_completed_confirmed_by_user1"] is (sides.my_number == 1)
    assert row["user1_completed_confirmed_by_user2"] is (sides.my_number == 2)
