"""end_match ends an accepted match, and its active session with it."""

from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from matchmaking import match_row, waiting
from rows import all_rows, make_match, make_pair, make_session, session_row
from written import Updates, updates_of

BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])


@pytest.fixture
def pair(db, people):
    return make_pair(db, people, "accepted")


def end(rpc, user_id, match_id):
    return rpc.as_user(user_id).call("end_match", match_id=match_id)


@BY_EITHER
def test_an_accepted_match_ends(db, rpc, pair, by):
    me = getattr(pair, by)
    before = match_row(db, pair.match_id)
    answer = end(rpc, me, pair.match_id)
    row = match_row(db, pair.match_id)
    assert row["ended_at"] == row["updated_at"] > before["updated_at"]
    assert row == before | {
        "ended_at": row["ended_at"],
        "ended_by": me,
        "updated_at": row["updated_at"],
    }
    assert answer == {
        "id": pair.match_id,
        "status": "accepted",
        "buddy_user_id": pair.user2 if by == "user1" else pair.user1,
        "buddy_profile": None,
        "distance_miles": row["distance_miles"],
        "responded_by_me": by == "user1",
        "responded_at": row["responded_at"],
        "expires_at": row["expires_at"],
        "ended_at": row["ended_at"],
        "created_at": row["created_at"],
        "needs_both": False,
        "accepted_by_me": by == "user1",
        "accepted_by_buddy": by == "user2",
    }


@BY_EITHER
def test_the_end_writes_no_index_of_the_matches(rpc, pair, by):
    updated = updates_of(
        rpc.as_user(getattr(pair, by)), lambda caller: caller.call("end_match", match_id=pair.match_id)
    )
    assert updated == {"wingman_matches": Updates(1, 1)}


@BY_EITHER
@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_its_active_session_is_cancelled(db, rpc, pair, by, status):
    session_id = make_session(db, pair.match_id, status, confirmed_by=(1,))
    before = session_row(db, session_id)
    end(rpc, getattr(pair, by), pair.match_id)
    row = session_row(db, session_id)
    assert row == before | {
        "status": "cancelled",
        "is_active": False,
        "cancelled_by": getattr(pair, by),
        "cancelled_at": row["updated_at"],
        "updated_at": row["updated_at"],
    }
    assert row["updated_at"] == match_row(db, pair.match_id)["ended_at"]


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_a_session_that_is_over_stays_as_it_is(db, rpc, pair, status):
    session_id = make_session(db, pair.match_id, status)
    before = session_row(db, session_id)
    end(rpc, pair.user1, pair.match_id)
    assert session_row(db, session_id) == before


def test_sessions_of_other_matches_go_on(db, rpc, people, pair):
    other = make_match(db, pair.user1, people.add(), "accepted")
    session_id = make_session(db, other)
    before = session_row(db, session_id), match_row(db, other)
    end(rpc, pair.user1, pair.match_id)
    assert (session_row(db, session_id), match_row(db, other)) == before


@BY_EITHER
def test_ending_it_again_by_either_changes_nothing(db, rpc, pair, by):
    first = end(rpc, pair.user1, pair.match_id)
    before = all_rows(db)
    again = end(rpc, getattr(pair, by), pair.match_id)
    assert again["ended_at"] == first["ended_at"]
    assert all_rows(db) == before


def test_the_pending_match_and_the_waiting_time_stay(db, rpc, people, pair):
    make_match(db, pair.user1, people.add(), "pending")
    before = db.execute("select * from wingman.matchmaking_pool order by user_id").fetchall()
    end(rpc, pair.user1, pair.match_id)
    assert db.execute("select * from wingman.matchmaking_pool order by user_id").fetchall() == before


@BY_EITHER
@pytest.mark.parametrize(
    ("state", "told"),
    [("pending", "pending"), ("lapsed", "expired"), ("expired", "expired"), ("declined", "declined")],
)
def test_only_an_accepted_match_ends(db, rpc, people, by, state, told):
    pair = make_pair(db, people, state)
    with refused(db, "match_not_accepted", status=told):
        end(rpc, getattr(pair, by), pair.match_id)


@pytest.mark.parametrize(("shift", "told"), [("1 microsecond", "pending"), ("0", "expired")])
def test_the_status_told_is_that_of_the_moment(db, people, shift, told):
    pair = make_pair(db, people, "pending")
    with refused(db, "match_not_accepted", status=told):
        at_one_instant(
            db,
            f"public.end_match('{pair.match_id}', '{pair.user1}')",
            first="update public.wingman_matches set created_at = created_at - interval '3 days',"
            f" expires_at = statement_timestamp() + interval '{shift}'",
        )


def test_an_unknown_match_is_not_found(db, rpc, pair):
    with refused(db, "match_not_found"):
        end(rpc, pair.user1, uuid4())


@pytest.mark.parametrize("state", ["pending", "accepted", "ended", "declined"])
def test_a_match_of_others_is_refused_whatever_its_state(db, rpc, people, state):
    pair, stranger = make_pair(db, people, state), people.add()
    with refused(db, "not_match_participant"):
        end(rpc, stranger, pair.match_id)


def test_both_go_on_without_waiting_anew(db, rpc, pair):
    since = waiting(db, pair.user1), waiting(db, pair.user2)
    end(rpc, pair.user1, pair.match_id)
    assert (waiting(db, pair.user1), waiting(db, pair.user2)) == since


def test_the_pair_may_meet_again_after_the_window_alone(db, rpc, pair):
    end(rpc, pair.user1, pair.match_id)
    caller = rpc.as_user(pair.user1)
    assert caller.call("create_automatic_match")["success"] is False
    db.execute("update public.wingman_matches set created_at = created_at - interval '168 hours'")
    assert caller.call("create_automatic_match")["buddy_user_id"] == pair.user2
