import pytest
from rows import SESSION_STATUSES, all_rows, make_session, session_row, update_session


@pytest.mark.parametrize("status", SESSION_STATUSES)
def test_a_participant_sees_the_session(db, rpc, pair, sides, status):
    session_id = make_session(db, pair.match_id, status)
    update_session(db, session_id, "notes = 'By the door'")
    row = session_row(db, session_id)
    assert rpc.as_user(sides.me).call("get_session", session_id=session_id) == {
        "id": session_id,
        "match_id": pair.match_id,
        "buddy_user_id": sides.buddy,
        "venue_name": row["venue_name"],
        "scheduled_time": row["scheduled_time"],
        "notes": "By the door",
        "status": status,
        "i_confirmed_buddy": status == "completed",
        "buddy_confirmed_me": status == "completed",
        "both_confirmed": status == "completed",
        "completed_at": row["completed_at"],
        "created_at": row["created_at"],
        "proposed_by_me": False,
        "proposed_at": row["proposed_at"],
        "agreed_at": None,
        "cancelled_at": None,
        "no_show_reported": False,
    }


def test_each_side_sees_its_own_half_of_the_confirmations(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    answer = rpc.as_user(sides.me).call("get_session", session_id=session_id)
    confirmations = (answer["i_confirmed_buddy"], answer["buddy_confirmed_me"], answer["both_confirmed"])
    assert confirmations == ((True, False, False) if sides.my_number == 1 else (False, True, False))


def test_former_partners_still_see_it(db, rpc, pair, sides):
    session_id = make_session(db, pair.match_id, "completed")
    rpc.as_user(sides.buddy).call("end_match", match_id=pair.match_id)
    answer = rpc.as_user(sides.me).call("get_session", session_id=session_id)
    assert (answer["id"], answer["buddy_user_id"]) == (session_id, sides.buddy)


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_see_it_as_the_user_they_name(db, rpc, pair, caller):
    session_id = make_session(db, pair.match_id, confirmed_by=[1])
    answer = getattr(rpc, caller)().call("get_session", session_id=session_id, user_id=pair.user2)
    assert (answer["buddy_user_id"], answer["buddy_confirmed_me"]) == (pair.user1, True)


def test_reading_changes_nothing(db, rpc, pair):
    session_id = make_session(db, pair.match_id)
    before = all_rows(db)
    rpc.as_user(pair.user1).call("get_session", session_id=session_id)
    assert all_rows(db) == before
