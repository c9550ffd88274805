"""A new place, level or travel distance counts from the next search on, and for nothing before it."""

import pytest
from matchmaking import ALREADY, CREATED, match_row, none_within
from rows import make_pair

PORTO = {"lat": 41.1496, "lng": -8.6110}  # 170 miles from the others


def move(rpc, user_id, **changes):
    profile = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7223, "lng": -9.1393}
    rpc.as_user(user_id).call("complete_profile", **profile | changes)


def search(rpc, user_id, **radius):
    return rpc.as_user(user_id).call("create_automatic_match", **radius)


@pytest.mark.parametrize("mover", ["searcher", "candidate"])
def test_the_next_search_is_from_and_to_the_new_place(rpc, people, mover):
    ana, ben = people.add(), people.add()
    move(rpc, ana if mover == "searcher" else ben, **PORTO)
    assert search(rpc, ana, max_radius_miles=100)["message"] == none_within(100)
    move(rpc, ana if mover == "searcher" else ben, lat=38.80)
    answer = search(rpc, ana)
    assert (answer["message"], answer["buddy_user_id"], answer["distance_miles"]) == (CREATED, ben, 6)


def test_a_pending_match_stays_as_it_was_made(db, rpc, people):
    pair = make_pair(db, people, "pending")
    before = match_row(db, pair.match_id)
    for user_id in (pair.user1, pair.user2):
        move(rpc, user_id, **PORTO, max_travel_miles=1, experience_level="advanced")
        assert search(rpc, user_id)["message"] == ALREADY
    assert match_row(db, pair.match_id) == before
    rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="accept")
    assert match_row(db, pair.match_id)["status"] == "accepted"


def test_the_next_match_of_a_decline_is_near_the_new_place(db, rpc, people):
    pair = make_pair(db, people, "pending")
    _here, there = people.add(), people.add(**PORTO)
    move(rpc, pair.user1, **PORTO)
    answer = rpc.as_user(pair.user1).call("respond_to_match", match_id=pair.match_id, action="decline")
    assert answer["next_match"]["buddy_user_id"] == there


@pytest.mark.parametrize("whose", ["searcher", "candidate"])
@pytest.mark.parametrize(("miles", "found"), [(5, False), (6, True)])
def test_the_next_search_goes_as_far_as_both_travel_now(rpc, people, whose, miles, found):
    ana, ben = people.add(), people.add(lat=38.80)  # 5.4 miles
    if whose == "searcher":
        move(rpc, ana, max_travel_miles=miles)
    else:
        move(rpc, ben, lat=38.80, max_travel_miles=miles)
    assert search(rpc, ana)["success"] is found


def test_a_city_is_coarser_than_a_point_from_the_next_search_on(rpc, people):
    ana, ben = people.add(), people.add(lat=38.74)
    assert search(rpc, ana, max_radius_miles=1)["success"] is False
    for user_id, lat in ((ana, 38.7223), (ben, 38.74)):
        move(rpc, user_id, lat=lat, city="Lisboa", privacy_mode="city_only")
    assert search(rpc, ana, max_radius_miles=1)["buddy_user_id"] == ben
