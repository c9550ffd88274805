"""pause_matching and resume_matching: users leave matching by choice, and come back."""

import pytest
from contract_errors import refused
from matchmaking import ACCEPTED, ALREADY, DECLINED, match_row, match_rows, seeker_row, wait_since, waiting
from psycopg import IsolationLevel
from rows import all_rows, business_rows, make_pair

PAUSED = {"success": True, "message": "Matching paused. Nobody will be matched with you until you resume it."}
RESUMED = {"success": True, "message": "Matching resumed."}
BOTH = pytest.mark.parametrize("function", ["pause_matching", "resume_matching"])


def pause(rpc, user_id):
    return rpc.as_user(user_id).call("pause_matching")


def resume(rpc, user_id):
    return rpc.as_user(user_id).call("resume_matching")


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def pause_automatically(db, user_id):
    """As three offers left to expire do it."""
    db.execute(
        "update wingman.matchmaking_pool"
        " set paused = true, paused_automatically = true, unanswered_offers = 3 where user_id = %s",
        [user_id],
    )


def test_pausing_and_resuming_change_the_pause_alone(db, rpc, people):
    ana = people.add()
    before = business_rows(db)
    assert pause(rpc, ana) == PAUSED
    (paused,) = business_rows(db)["wingman.matchmaking_pool"]
    assert paused == before["wingman.matchmaking_pool"][0] | {"paused": True}
    assert rpc.as_user(ana).call("get_profile")["matching_paused"] is True
    assert resume(rpc, ana) == RESUMED
    assert business_rows(db) == before
    assert rpc.as_user(ana).call("get_profile")["matching_paused"] is False


def test_pausing_again_and_resuming_without_a_pause_change_nothing(db, rpc, people):
    ana = people.add()
    before = all_rows(db)
    assert resume(rpc, ana) == RESUMED
    assert all_rows(db) == before
    pause(rpc, ana)
    before = all_rows(db)
    assert pause(rpc, ana) == PAUSED
    assert all_rows(db) == before


def test_nobody_finds_who_pauses_and_everybody_who_resumed(rpc, people):
    ana, ben = people.add(), people.add()
    pause(rpc, ben)
    assert search(rpc, ana)["success"] is False
    resume(rpc, ben)
    assert search(rpc, ana)["buddy_user_id"] == ben


def test_who_pauses_searches_in_vain_until_they_resume(db, rpc, people):
    ana, ben = people.add(), people.add()
    pause(rpc, ana)
    with refused(db, "matching_paused"):
        search(rpc, ana)
    resume(rpc, ana)
    assert search(rpc, ana)["buddy_user_id"] == ben


@pytest.mark.parametrize(("action", "message"), [("accept", ACCEPTED), ("decline", DECLINED)])
def test_a_pending_match_stays_and_can_be_answered(db, rpc, people, action, message):
    pair, _ = make_pair(db, people, "pending"), people.add()
    for user_id in (pair.user1, pair.user2):
        pause(rpc, user_id)
    assert search(rpc, pair.user1)["message"] == ALREADY
    answer = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action=action)
    assert answer == {
        "success": True,
        "message": message,
        "match_status": {"accept": "accepted", "decline": "declined"}[action],
        "next_match": None,
    }
    assert len(match_rows(db)) == 1
    assert [seeker_row(db, one)["paused"] for one in (pair.user1, pair.user2)] == [True, True]


def test_a_decline_by_somebody_who_resumed_brings_the_next_match(db, rpc, people):
    pair, cem = make_pair(db, people, "pending"), people.add()
    pause(rpc, pair.user1)
    resume(rpc, pair.user1)
    answer = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
    assert answer["next_match"]["buddy_user_id"] == cem


def test_the_own_lapsed_match_of_somebody_paused_stays_unsettled(db, rpc, people):
    pair = make_pair(db, people, "lapsed")
    pause(rpc, pair.user1)
    with refused(db, "matching_paused"):
        search(rpc, pair.user1)
    assert match_row(db, pair.match_id)["status"] == "pending"


def test_the_waiting_time_goes_on(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    wait_since(db, ben, "2 days")
    wait_since(db, cem, "1 day")
    since = waiting(db, ben)
    pause(rpc, ben)
    resume(rpc, ben)
    assert waiting(db, ben) == since
    assert search(rpc, ana)["buddy_user_id"] == ben


def test_a_pause_survives_a_new_profile_and_a_new_place(db, rpc, people):
    ana = people.add()
    pause(rpc, ana)
    arguments = {"first_name": "Ana", "experience_level": "advanced", "lat": 41.15, "lng": -8.61}
    assert rpc.as_user(ana).call("complete_profile", **arguments)["matching_paused"] is True
    assert seeker_row(db, ana)["grid_lat"] == 4115


def test_a_chosen_pause_takes_the_place_of_an_automatic_one(db, rpc, people):
    ana = people.add()
    pause_automatically(db, ana)
    pause(rpc, ana)
    assert seeker_row(db, ana)["paused_automatically"] is False
    with refused(db, "matching_paused"):
        search(rpc, ana)


def test_resuming_ends_an_automatic_pause_and_begins_a_new_count(db, rpc, people):
    ana = people.add()
    pause_automatically(db, ana)
    assert resume(rpc, ana) == RESUMED
    row = seeker_row(db, ana)
    assert (row["paused"], row["paused_automatically"], row["unanswered_offers"]) == (False, False, 0)


def test_resuming_without_a_pause_begins_a_new_count_as_well(db, rpc, people):
    ana = people.add()
    db.execute("update wingman.matchmaking_pool set unanswered_offers = 2")
    resume(rpc, ana)
    assert seeker_row(db, ana)["unanswered_offers"] == 0


def test_a_pause_is_the_own_one_alone(db, rpc, people):
    ana, ben = people.add(), people.add()
    before = seeker_row(db, ben)
    pause(rpc, ana)
    assert seeker_row(db, ben) == before
    pause(rpc, ben)
    resume(rpc, ana)
    assert seeker_row(db, ben)["paused"] is True


# Who may.


@BOTH
def test_without_a_location_there_is_nothing_to_pause(db, rpc, people, function):
    ana = people.add()
    db.execute("delete from public.user_locations")
    with refused(db, "profile_incomplete"):
        rpc.as_user(ana).call(function)


@BOTH
def test_a_user_acts_for_nobody_else(db, rpc, people, function):
    ana, ben, newcomer = people.add(), people.add(), people.auth_only()
    with refused(db, "not_authenticated"):
        rpc.as_user("nobody").call(function)
    with refused(db, "profile_incomplete"):
        rpc.as_user(newcomer).call(function)
    with refused(db, "acting_for_another"):
        rpc.as_user(ana).call(function, user_id=ben)


@BOTH
@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_name_whom_they_act_for(db, rpc, people, function, caller):
    ana, newcomer = people.add(), people.auth_only()
    caller = getattr(rpc, caller)()
    assert caller.call(function, user_id=ana)["success"] is True
    assert seeker_row(db, ana)["paused"] is (function == "pause_matching")
    with refused(db, "missing_argument", argument="user_id"):
        caller.call(function)
    with refused(db, "user_not_found"):
        caller.call(function, user_id=newcomer)


@BOTH
def test_only_read_committed_and_read_write(db, rpc, people, function):
    caller = rpc.as_user(people.add())
    caller.connection.read_only = True
    with refused(db, "read_only_transaction"):
        caller.call(function)
    caller.connection.read_only = False
    caller.connection.isolation_level = IsolationLevel.SERIALIZABLE
    with refused(db, "unsupported_isolation"):
        caller.call(function)
