"""People without a location are not matched, and nobody waits for their answer."""

import pytest
from matchmaking import match_row, pause, pending, seeker_row, wait_since, waiting
from rows import make_pair, make_session, session_row

PLACE = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7223, "lng": -9.1393}


def remove_location(db, user_id):
    db.execute("delete from public.user_locations where user_id = %s", [user_id])


def test_the_pending_match_is_declined_by_the_one_without_a_location(db, people):
    pair = make_pair(db, people, "pending")
    wait_since(db, pair.user2, "5 days")
    since = waiting(db, pair.user2)
    remove_location(db, pair.user1)
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("declined", pair.user1)
    assert (pending(db, pair.user2), waiting(db, pair.user2)) == (None, since)
    assert seeker_row(db, pair.user1) is None


def test_a_lapsed_match_expires(db, people):
    pair = make_pair(db, people, "lapsed")
    remove_location(db, pair.user1)
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("expired", None)
    assert waiting(db, pair.user2) == row["updated_at"]


def test_an_accepted_match_and_its_session_go_on(db, people):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id)
    before = match_row(db, pair.match_id), session_row(db, session_id)
    remove_location(db, pair.user1)
    assert (match_row(db, pair.match_id), session_row(db, session_id)) == before


@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_a_session_can_still_be_completed(db, rpc, people, status):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id, status)
    remove_location(db, pair.user1)
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    assert session_row(db, session_id)["status"] == "completed"


def test_a_new_location_begins_a_new_wait(db, rpc, people):
    ana = people.add()
    wait_since(db, ana, "5 days")
    pause(db, ana)
    remove_location(db, ana)
    rpc.as_user(ana).call("complete_profile", **PLACE)
    row = seeker_row(db, ana)
    location = db.execute("select created_at from public.user_locations").fetchone()
    assert (row["waiting_since"], row["paused"]) == (location["created_at"], False)
