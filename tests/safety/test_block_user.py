"""block_user: a block applies to both people, at once, and nobody is notified."""

import pytest
from answers import at_one_instant
from contract_errors import refused
from harness import LISBON, OPERATOR
from matchmaking import (
    ACCEPTED,
    CREATED,
    DECLINED,
    age,
    match_row,
    match_rows,
    none_within,
    pending,
    seeker_row,
    wait_since,
    waiting,
)
from rows import business_rows, make_match, make_pair, make_session, session_row

DONE = {"success": True, "message": "User blocked. You will not be matched with each other."}
BY_EITHER = pytest.mark.parametrize("by", ["user1", "user2"])
WINDOW = "168 hours"


def block(rpc, user_id, subject_id):
    return rpc.as_user(user_id).call("block_user", subject_id=subject_id)


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def sides(pair, by):
    """The one who blocks, and the one who is blocked."""
    return (pair.user1, pair.user2) if by == "user1" else (pair.user2, pair.user1)


def profiles_read(rpc, user_id):
    """Whose profiles row level security lets somebody read."""
    caller = rpc.as_user(user_id)
    with caller.transaction():
        caller.assume_identity()
        return {row["id"] for row in caller.connection.execute("select id from public.user_profiles")}


# The block.


def test_a_block_is_written_down(db, rpc, people):
    ana, ben = people.add(), people.add()
    before = business_rows(db)
    assert block(rpc, ana, ben) == DONE
    after = business_rows(db)
    (row,) = after["public.user_blocks"]
    assert row == {"blocker_id": str(ana), "blocked_id": str(ben), "created_at": row["created_at"]}
    assert after == before | {"public.user_blocks": [row]}


def test_the_moment_is_that_of_the_call(db, people):
    ana, ben = people.add(), people.add()
    call = f"public.block_user('{ben}', '{ana}')"
    assert at_one_instant(db, call, first="create temp table instant as select statement_timestamp() as at")
    found = db.execute("select b.created_at = i.at as same from public.user_blocks as b, instant as i")
    assert found.fetchone() == {"same": True}
    db.execute("drop table instant")


def test_blocking_again_changes_nothing(db, rpc, people):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    before = business_rows(db)
    assert block(rpc, ana, ben) == DONE
    assert business_rows(db) == before


def test_both_may_block_each_other(rpc, people, blocks):
    ana, ben = people.add(), people.add()
    assert [block(rpc, ana, ben), block(rpc, ben, ana)] == [DONE, DONE]
    assert blocks() == [(ana, ben), (ben, ana)]


def test_the_blocker_alone_sees_it(db, rpc, connect, people):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)

    def seen(caller):
        with caller.transaction():
            caller.assume_identity()
            return caller.connection.execute("select * from public.user_blocks").rowcount

    assert [seen(rpc.as_user(user_id)) for user_id in (ana, ben, people.add())] == [1, 0, 0]
    assert seen(rpc.as_service()) == 1
    assert connect(user=OPERATOR).execute("select * from public.user_blocks").rowcount == 1


@pytest.mark.parametrize("leaver", ["blocker", "blocked"])
def test_with_an_account_its_own_blocks_go_and_those_by_others_stay(db, rpc, people, blocks, leaver):
    ana, ben, cem = people.add(), people.add(), people.add()
    block(rpc, ana, ben)
    block(rpc, ben, cem)
    block(rpc, cem, ana)
    db.execute("delete from auth.users where id = %s", [ana if leaver == "blocker" else ben])
    assert blocks() == ([(ben, cem), (cem, ana)] if leaver == "blocker" else [(ana, ben), (cem, ana)])


@pytest.mark.parametrize("searcher", ["blocker", "blocked"])
@pytest.mark.parametrize("erased_by", ["themselves", "an operator"])
def test_who_is_blocked_does_not_shed_it_by_an_erasure(rpc, people, blocks, searcher, erased_by):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    if erased_by == "themselves":
        rpc.as_user(ben).call("erase_my_account", confirmation="erase")
    else:
        rpc.as_admin().call("wingman_admin.erase_user", user_id=ben, reason="They asked")
    assert search(rpc, ana)["success"] is False
    rpc.as_user(ben).call("complete_profile", first_name="Ben", experience_level="beginner", **LISBON)
    assert blocks() == [(ana, ben)]
    assert search(rpc, ana if searcher == "blocker" else ben)["success"] is False


def test_nobody_without_a_profile_can_be_blocked(db, rpc, people, blocks):
    ana = people.add()
    with refused(db, "user_not_found"):
        block(rpc, ana, people.auth_only())
    assert blocks() == []


# Matching.


@pytest.mark.parametrize("searcher", ["blocker", "blocked"])
def test_neither_finds_the_other(db, rpc, people, searcher):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    answer = search(rpc, ana if searcher == "blocker" else ben)
    assert (answer["success"], answer["message"]) == (False, none_within(25))
    assert match_rows(db) == []


@pytest.mark.parametrize("searcher", ["blocker", "blocked"])
def test_a_block_does_not_wear_off(db, rpc, people, searcher):
    ana, ben = people.add(), people.add()
    block(rpc, ana, ben)
    db.execute("update public.user_blocks set created_at = created_at - interval '50 years'")
    assert search(rpc, ana if searcher == "blocker" else ben)["success"] is False


@pytest.mark.parametrize("searcher", ["blocker", "blocked"])
def test_both_find_everybody_else(db, rpc, people, searcher):
    ana, ben = people.add(), people.add()
    further = people.add(lat=38.80)
    block(rpc, ana, ben)
    answer = search(rpc, ana if searcher == "blocker" else ben)
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, further)


def test_the_next_match_after_a_decline_is_nobody_blocked(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    block(rpc, cem, ana)
    answer = rpc.as_user(ana).call("respond_to_match", match_id=match_id, action="decline")
    assert (answer["message"], answer["next_match"]) == (DECLINED, None)


# What there is between the two ends.


@BY_EITHER
def test_a_pending_match_is_declined_by_the_blocker(db, rpc, people, by):
    pair = make_pair(db, people, "pending")
    me, other = sides(pair, by)
    before = match_row(db, pair.match_id)
    assert block(rpc, me, other) == DONE
    row = match_row(db, pair.match_id)
    assert row == before | {
        "status": "declined",
        "responded_by": me,
        "responded_at": row["updated_at"],
        "updated_at": row["updated_at"],
    }
    assert [pending(db, me), pending(db, other)] == [None, None]


@BY_EITHER
def test_the_blocked_side_keeps_the_waiting_time_and_the_blocker_waits_anew(db, rpc, people, by):
    pair = make_pair(db, people, "pending")
    me, other = sides(pair, by)
    for user_id in (me, other):
        wait_since(db, user_id, "5 days")
    before = waiting(db, other)
    block(rpc, me, other)
    assert waiting(db, me) == match_row(db, pair.match_id)["responded_at"]
    assert waiting(db, other) == before


def test_without_a_pending_match_both_keep_the_waiting_time(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    before = seeker_row(db, pair.user1), seeker_row(db, pair.user2)
    block(rpc, pair.user1, pair.user2)
    assert (seeker_row(db, pair.user1), seeker_row(db, pair.user2)) == before


def test_the_blocker_gets_no_next_match_and_the_blocked_side_is_found_at_once(db, rpc, people):
    pair, cem = make_pair(db, people, "pending"), people.add()
    block(rpc, pair.user1, pair.user2)
    assert len(match_rows(db)) == 1
    assert pending(db, pair.user1) is None
    assert search(rpc, cem)["buddy_user_id"] == pair.user2


@BY_EITHER
def test_a_lapsed_match_has_expired_for_both(db, rpc, people, by):
    pair = make_pair(db, people, "lapsed")
    me, other = sides(pair, by)
    block(rpc, me, other)
    row = match_row(db, pair.match_id)
    assert (row["status"], row["responded_by"]) == ("expired", None)
    assert [waiting(db, me), waiting(db, other)] == [row["updated_at"]] * 2
    assert [seeker_row(db, one)["unanswered_offers"] for one in (me, other)] == [1, 1]


@pytest.mark.parametrize(("left", "status"), [("1 microsecond", "declined"), ("0", "expired")])
def test_at_its_end_a_match_has_expired(db, people, left, status):
    pair = make_pair(db, people, "pending")
    at_one_instant(
        db,
        f"public.block_user('{pair.user2}', '{pair.user1}')",
        first="update public.wingman_matches set created_at = created_at - interval '3 days',"
        f" expires_at = statement_timestamp() + interval '{left}'",
    )
    assert match_row(db, pair.match_id)["status"] == status


@BY_EITHER
def test_an_accepted_match_ends(db, rpc, people, by):
    pair = make_pair(db, people, "accepted")
    before = match_row(db, pair.match_id)
    me, other = sides(pair, by)
    block(rpc, me, other)
    row = match_row(db, pair.match_id)
    assert row == before | {
        "ended_at": row["updated_at"],
        "ended_by": me,
        "updated_at": row["updated_at"],
    }
    assert row["ended_at"] > before["updated_at"]


@BY_EITHER
@pytest.mark.parametrize("status", ["scheduled", "in_progress"])
def test_the_active_session_is_cancelled(db, rpc, people, by, status):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id, status, confirmed_by=(1,))
    before = session_row(db, session_id)
    me, other = sides(pair, by)
    block(rpc, me, other)
    row = session_row(db, session_id)
    assert row == before | {
        "status": "cancelled",
        "is_active": False,
        "cancelled_by": me,
        "cancelled_at": row["updated_at"],
        "updated_at": row["updated_at"],
    }


@pytest.mark.parametrize("status", ["completed", "cancelled", "no_show"])
def test_a_session_that_is_over_stays_as_it_is(db, rpc, people, status):
    pair = make_pair(db, people, "accepted")
    before = session_row(db, make_session(db, pair.match_id, status))
    block(rpc, pair.user1, pair.user2)
    assert session_row(db, before["id"]) == before


@pytest.mark.parametrize("status", ["declined", "expired", "ended"])
def test_a_match_that_is_over_stays_as_it_is(db, rpc, people, status):
    pair = make_pair(db, people, status)
    before = match_row(db, pair.match_id)
    block(rpc, pair.user1, pair.user2)
    assert match_row(db, pair.match_id) == before


def test_everything_at_once_where_a_pair_has_more_than_one_match(db, rpc, people):
    # the rules never make it so, direct SQL may
    pair = make_pair(db, people, "accepted")
    second = make_match(db, pair.user1, pair.user2, "pending")
    block(rpc, pair.user1, pair.user2)
    assert match_row(db, pair.match_id)["ended_at"] == match_row(db, second)["responded_at"]


def test_matches_with_others_go_on(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    accepted_id, pending_id = make_match(db, ben, cem, "accepted"), make_match(db, ana, cem, "pending")
    session_id = make_session(db, accepted_id)
    before = business_rows(db)
    block(rpc, ana, ben)
    assert {**business_rows(db), "public.user_blocks": []} == before
    assert (match_row(db, pending_id)["status"], session_row(db, session_id)["status"]) == (
        "pending",
        "scheduled",
    )


def test_a_block_ends_nobody_s_pause(db, rpc, people):
    pair = make_pair(db, people, "pending")
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("pause_matching")
    block(rpc, pair.user1, pair.user2)
    assert [seeker_row(db, one)["paused"] for one in (pair.user1, pair.user2)] == [True, True]


# What both can still read.


@BY_EITHER
@pytest.mark.parametrize("status", ["pending", "accepted"])
def test_profiles_are_hidden_from_each_other(db, rpc, people, by, status):
    pair = make_pair(db, people, status)
    both = {pair.user1, pair.user2}
    assert [profiles_read(rpc, one) for one in sorted(both)] == [both, both]
    block(rpc, *sides(pair, by))
    for user_id, other in ((pair.user1, pair.user2), (pair.user2, pair.user1)):
        assert profiles_read(rpc, user_id) == {user_id}
        match = rpc.as_user(user_id).call("get_match", match_id=pair.match_id)
        assert (match["buddy_user_id"], match["buddy_profile"]) == (other, None)
        assert rpc.as_user(user_id).call("list_matches") == [match]
        with refused(db, "reputation_not_visible"):
            rpc.as_user(user_id).call("get_reputation", subject_id=other)


@BY_EITHER
@pytest.mark.parametrize("status", ["pending", "accepted"])
def test_a_block_hides_them_whatever_matches_say(db, rpc, people, by, status):
    # a match written by hand after the block
    pair = make_pair(db, people, "expired")
    block(rpc, *sides(pair, by))
    match_id = make_match(db, pair.user1, pair.user2, status)
    for user_id, other in ((pair.user1, pair.user2), (pair.user2, pair.user1)):
        assert profiles_read(rpc, user_id) == {user_id}
        assert rpc.as_user(user_id).call("get_match", match_id=match_id)["buddy_profile"] is None
        with refused(db, "reputation_not_visible"):
            rpc.as_user(user_id).call("get_reputation", subject_id=other)


def test_profiles_of_other_partners_stay_visible(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    for one, other in ((ana, cem), (ben, cem)):
        make_match(db, one, other, "accepted")
    block(rpc, ana, ben)
    assert [profiles_read(rpc, one) for one in (ana, ben, cem)] == [{ana, cem}, {ben, cem}, {ana, ben, cem}]


def test_the_blocked_side_is_told_no_more_than_after_a_decline(db, rpc, people):
    pair, other = make_pair(db, people, "pending"), make_pair(db, people, "pending")
    block(rpc, pair.user1, pair.user2)
    rpc.as_user(other.user1).call("respond_to_match", match_id=other.match_id, action="decline")

    def told(pair):
        match = rpc.as_user(pair.user2).call("get_match", match_id=pair.match_id)
        return {
            name: value for name, value in match.items() if not name.endswith(("_at", "id")) and name != "id"
        }

    assert told(pair) == told(other)


# What each of the two hears afterwards.


def test_an_answer_to_the_declined_match_comes_too_late(db, rpc, people):
    pair = make_pair(db, people, "pending")
    block(rpc, pair.user1, pair.user2)
    with refused(db, "match_already_resolved", status="declined"):
        rpc.as_user(pair.user2).call("respond_to_match", match_id=pair.match_id, action="accept")
    again = rpc.as_user(pair.user2).call("respond_to_match", match_id=pair.match_id, action="decline")
    assert (again["match_status"], again["next_match"]) == ("declined", None)


def test_an_accepted_match_takes_no_session_any_more(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    block(rpc, pair.user1, pair.user2)
    for user_id in (pair.user1, pair.user2):
        arguments = {"match_id": pair.match_id, "scheduled_time": "tomorrow", "venue_name": "Café"}
        with refused(db, "match_not_accepted", status="ended"):
            rpc.as_user(user_id).call("create_session", **arguments)
    again = rpc.as_user(pair.user2).call("respond_to_match", match_id=pair.match_id, action="accept")
    assert again["message"] == ACCEPTED


def test_a_cancelled_session_cannot_be_confirmed(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id, confirmed_by=(1,))
    block(rpc, pair.user1, pair.user2)
    with refused(db, "session_not_confirmable", status="cancelled"):
        rpc.as_user(pair.user2).call("confirm_session_completion", session_id=session_id)


def test_a_reputation_earned_together_stays(db, rpc, people):
    pair = make_pair(db, people, "accepted")
    session_id = make_session(db, pair.match_id)
    for user_id in (pair.user1, pair.user2):
        rpc.as_user(user_id).call("confirm_session_completion", session_id=session_id)
    block(rpc, pair.user1, pair.user2)
    assert [rpc.as_user(one).call("get_reputation")["score"] for one in (pair.user1, pair.user2)] == [1, 1]


def test_after_the_window_they_are_still_kept_apart(db, rpc, people):
    pair = make_pair(db, people, "pending")
    block(rpc, pair.user1, pair.user2)
    age(db, pair.match_id, WINDOW)
    assert [search(rpc, one)["success"] for one in (pair.user1, pair.user2)] == [False, False]
