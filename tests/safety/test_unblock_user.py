"""unblock_user removes the caller's own block, and nothing else."""

import pytest
from contract_errors import refused
from harness import LISBON
from matchmaking import age, match_row
from rows import all_rows, business_rows, make_match, make_pair, make_session, session_row

DONE = {"success": True, "message": "User unblocked."}


def block(rpc, user_id, subject_id):
    return rpc.as_user(user_id).call("block_user", subject_id=subject_id)


def unblock(rpc, user_id, subject_id):
    return rpc.as_user(user_id).call("unblock_user", subject_id=subject_id)


def test_the_block_is_gone_and_with_it_its_row(db, rpc, people):
    ana, ben = people.add(), people.add()
    before = business_rows(db)
    block(rpc, ana, ben)
    assert unblock(rpc, ana, ben) == DONE
    assert business_rows(db) == before


@pytest.mark.parametrize("searcher", ["blocker", "blocked"])
def test_they_may_be_matched_again(rpc, people, searcher):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    unblock(rpc, ana, ben)
    me, other = (ana, ben) if searcher == "blocker" else (ben, ana)
    assert rpc.as_user(me).call("create_automatic_match")["buddy_user_id"] == other


@pytest.mark.parametrize("blocked_by", ["nobody", "the other", "somebody else"])
def test_without_an_own_block_nothing_changes(db, rpc, people, blocked_by):
    ana, ben, cem = people.add(), people.add(), people.add()
    if blocked_by != "nobody":
        block(rpc, ben if blocked_by == "the other" else cem, ana)
        block(rpc, ana, cem)
    before = all_rows(db)
    assert unblock(rpc, ana, ben) == DONE
    assert all_rows(db) == before


def test_the_other_s_block_still_binds_both(rpc, people, blocks):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    block(rpc, ben, ana)
    unblock(rpc, ana, ben)
    assert blocks() == [(ben, ana)]
    for user_id in (ana, ben):
        assert rpc.as_user(user_id).call("create_automatic_match")["success"] is False


def test_who_has_left_can_be_unblocked_and_is_found_after_coming_back(rpc, people, blocks):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    rpc.as_user(ben).call("erase_my_account", confirmation="erase")
    assert unblock(rpc, ana, ben) == DONE
    assert blocks() == []
    rpc.as_user(ben).call("complete_profile", first_name="Ben", experience_level="beginner", **LISBON)
    assert rpc.as_user(ana).call("create_automatic_match")["buddy_user_id"] == ben


def test_who_has_left_cannot_be_unblocked_without_an_own_block(db, rpc, people, blocks):
    ana, ben, cem = people.add(), people.add(), people.add()
    block(rpc, cem, ben)
    rpc.as_user(ben).call("erase_my_account", confirmation="erase")
    with refused(db, "user_not_found"):
        unblock(rpc, ana, ben)
    assert blocks() == [(cem, ben)]


def test_what_the_block_ended_stays_ended(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id)
    block(rpc, pair.user1, pair.user2)
    before = match_row(db, pair.match_id), session_row(db, session_id)
    unblock(rpc, pair.user1, pair.user2)
    assert (match_row(db, pair.match_id), session_row(db, session_id)) == before
    assert rpc.as_user(pair.user1).call("get_match", match_id=pair.match_id)["buddy_profile"] is None


def test_the_window_of_a_declined_match_still_counts(db, rpc, people):
    pair = make_pair(db, people, "pending")
    block(rpc, pair.user1, pair.user2)
    unblock(rpc, pair.user1, pair.user2)
    caller = rpc.as_user(pair.user1)
    assert caller.call("create_automatic_match")["success"] is False
    age(db, pair.match_id, "168 hours")
    assert caller.call("create_automatic_match")["buddy_user_id"] == pair.user2


def test_partners_by_hand_see_each_other_again(db, rpc, people):
    ana, ben = people.add(), people.add("Ben")
    block(rpc, ana, ben)
    match_id = make_match(db, ana, ben, "accepted")
    unblock(rpc, ana, ben)
    match = rpc.as_user(ana).call("get_match", match_id=match_id)
    assert match["buddy_profile"]["first_name"] == "Ben"
