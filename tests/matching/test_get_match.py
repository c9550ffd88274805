"""get_match returns a match as one of its two people sees it now."""

from uuid import uuid4

import pytest
from answers import at_one_instant
from contract_errors import refused
from matchmaking import match_row
from rows import all_rows, make_match, make_pair, set_counters

BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
# state of the row: the status told, whether the buddy is a current partner, and who has answered
STATES = {
    "pending": ("pending", True, None),
    "lapsed": ("expired", False, None),
    "expired": ("expired", False, None),
    "accepted": ("accepted", True, "user1"),
    "declined": ("declined", False, "user2"),
    "ended": ("accepted", False, "user1"),
}


@BY_EITHER
@pytest.mark.parametrize("state", STATES)
def test_the_answer_in_every_state(db, rpc, people, by, state):
    status, partners, responded_by = STATES[state]
    pair = make_pair(db, people, state)
    me, buddy = (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)
    row = match_row(db, pair.match_id)
    profile = db.execute(
        "select id, first_name, experience_level, confidence_archetype, reputation_score"
        " from public.user_profiles where id = %s",
        [buddy],
    ).fetchone()
    before = all_rows(db)
    assert rpc.as_user(me).call("get_match", match_id=pair.match_id) == {
        "id": pair.match_id,
        "status": status,
        "buddy_user_id": buddy,
        "buddy_profile": profile if partners else None,
        "distance_miles": row["distance_miles"],
        "responded_by_me": responded_by == by,
        "responded_at": row["responded_at"],
        "expires_at": row["expires_at"],
        "ended_at": row["ended_at"],
        "created_at": row["created_at"],
        "needs_both": False,
        "accepted_by_me": status == "accepted" and responded_by == by,
        "accepted_by_buddy": status == "accepted" and responded_by != by,
    }
    assert all_rows(db) == before


@pytest.mark.parametrize(("shift", "told"), [("1 microsecond", "pending"), ("0", "expired")])
def test_a_match_reads_as_expired_from_its_end_on(db, people, shift, told):
    pair = make_pair(db, people, "pending")
    answer = at_one_instant(
        db,
        f"public.get_match('{pair.match_id}', '{pair.user1}')",
        first="update public.wingman_matches set created_at = created_at - interval '3 days',"
        f" expires_at = statement_timestamp() + interval '{shift}'",
    )
    assert answer["status"] == told
    assert (answer["buddy_profile"] is not None) is (told == "pending")
    assert match_row(db, pair.match_id)["status"] == "pending"


def test_a_partner_by_a_newer_match_is_seen_in_the_old_one_too(db, rpc, people):
    pair = make_pair(db, people, "ended")
    make_match(db, pair.user1, pair.user2, "pending")
    answer = rpc.as_user(pair.user1).call("get_match", match_id=pair.match_id)
    assert answer["buddy_profile"]["id"] == pair.user2


def test_the_profile_is_that_of_now(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    db.execute("update public.user_profiles set first_name = 'New'")
    set_counters(db, 3)
    profile = rpc.as_user(pair.user1).call("get_match", match_id=pair.match_id)["buddy_profile"]
    assert (profile["first_name"], profile["reputation_score"]) == ("New", 3)


def test_an_unknown_match_is_not_found(db, rpc, people):
    ana = people.add()
    with refused(db, "match_not_found"):
        rpc.as_user(ana).call("get_match", match_id=uuid4())


@pytest.mark.parametrize("state", STATES)
def test_a_match_of_others_is_refused_whatever_its_state(db, rpc, people, state):
    pair, stranger = make_pair(db, people, state), people.add()
    with refused(db, "not_match_participant"):
        rpc.as_user(stranger).call("get_match", match_id=pair.match_id)
