"""Three offers in a row left to expire pause a person, until they do something themselves."""

import pytest
from contract_errors import refused
from matchmaking import CREATED, age, match_rows, pending, seeker_row, settle_nothing
from rows import make_match

LIFETIME = "48 hours"
LIMIT = 3
FAR = {"lat": 41.1496, "lng": -8.6110}


def search(rpc, user_id):
    return rpc.as_user(user_id).call("create_automatic_match")


def offer_expires(db, one, other):
    """An offer comes, nobody answers, it expires."""
    match_id = make_match(db, one, other, "pending")
    age(db, match_id, LIFETIME)
    db.execute("update public.wingman_matches set status = 'expired' where id = %s", [match_id])


def state(db, user_id):
    """unanswered_offers, paused, paused_automatically."""
    row = seeker_row(db, user_id)
    return row["unanswered_offers"], row["paused"], row["paused_automatically"]


@pytest.fixture
def ghost(db, people):
    """Somebody who has let two offers expire, of two people each."""
    ghost = people.add("Gil")
    for _ in range(LIMIT - 1):
        offer_expires(db, ghost, people.add(**FAR))
    assert state(db, ghost) == (LIMIT - 1, False, False)
    return ghost


def test_every_offer_left_to_expire_counts_for_both(db, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    offer_expires(db, ana, ben)
    offer_expires(db, ana, cem)
    assert [state(db, one)[0] for one in (ana, ben, cem)] == [2, 1, 1]


def test_the_third_pauses(db, rpc, people, ghost):
    last = people.add()
    offer_expires(db, ghost, last)
    assert state(db, ghost) == (LIMIT, True, True)
    assert state(db, last) == (1, False, False)
    assert rpc.as_user(ghost).call("get_profile")["matching_paused"] is True


def test_nobody_finds_the_ghost(db, rpc, people, ghost):
    offer_expires(db, ghost, people.add(**FAR))
    assert search(rpc, people.add())["success"] is False


def test_the_expiry_that_pauses_is_settled_by_the_search_of_somebody_else(db, rpc, people, ghost):
    last, searcher = people.add(**FAR), people.add()
    match_id = make_match(db, ghost, last, "pending")
    age(db, match_id, LIFETIME)
    assert search(rpc, searcher)["success"] is False
    assert state(db, ghost) == (LIMIT, True, True)


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_the_limit_is_the_one_of_the_settings(db, people, limit):
    db.execute("update wingman.settings set ghosting_limit = %s", [limit])
    ana = people.add()
    for number in range(1, limit + 1):
        offer_expires(db, ana, people.add())
        assert state(db, ana) == (number, number == limit, number == limit)


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_an_own_answer_begins_a_new_count(db, rpc, people, ghost, action):
    ben = people.add()
    match_id = make_match(db, ghost, ben, "pending")
    rpc.as_user(ghost).call("respond_to_match", match_id=match_id, action=action)
    assert state(db, ghost)[0] == 0
    db.execute("update public.wingman_matches set created_at = created_at - interval '8 days' where true")
    for _ in range(LIMIT - 1):
        offer_expires(db, ghost, people.add(**FAR))
    assert state(db, ghost) == (LIMIT - 1, False, False)


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_the_answer_of_the_other_one_is_not_the_own(db, rpc, people, ghost, action):
    ben = people.add()
    match_id = make_match(db, ghost, ben, "pending")
    rpc.as_user(ben).call("respond_to_match", match_id=match_id, action=action)
    assert state(db, ghost)[0] == LIMIT - 1
    offer_expires(db, ghost, people.add(**FAR))
    assert state(db, ghost) == (LIMIT, True, True)


@pytest.mark.parametrize("blocker", ["the ghost", "the other"])
def test_a_block_is_an_answer_of_the_blocker(db, rpc, people, ghost, blocker):
    ben = people.add()
    make_match(db, ghost, ben, "pending")
    me, other = (ghost, ben) if blocker == "the ghost" else (ben, ghost)
    rpc.as_user(me).call("block_user", subject_id=other)
    assert state(db, ghost)[0] == (0 if blocker == "the ghost" else LIMIT - 1)


def test_a_search_ends_the_automatic_pause(db, rpc, people, ghost):
    offer_expires(db, ghost, people.add(**FAR))
    ben = people.add()
    answer = search(rpc, ghost)
    assert (answer["message"], answer["buddy_user_id"]) == (CREATED, ben)
    assert state(db, ghost) == (0, False, False)


def test_a_search_that_finds_nobody_ends_it_as_well(db, rpc, people, ghost):
    offer_expires(db, ghost, people.add(**FAR))
    assert search(rpc, ghost)["success"] is False
    assert state(db, ghost) == (0, False, False)
    assert search(rpc, people.add())["buddy_user_id"] == ghost


def test_a_search_without_a_pause_keeps_the_count(db, rpc, ghost):
    assert search(rpc, ghost)["success"] is False
    assert state(db, ghost) == (LIMIT - 1, False, False)


def test_the_search_that_settles_the_own_first_expiry_counts_it(db, rpc, people):
    ana = people.add()
    match_id = make_match(db, ana, people.add(**FAR), "pending")
    age(db, match_id, LIFETIME)
    assert search(rpc, ana)["success"] is False
    assert state(db, ana) == (1, False, False)


def test_the_search_that_settles_the_own_third_expiry_ends_the_pause_it_makes(db, rpc, people, ghost):
    match_id = make_match(db, ghost, people.add(**FAR), "pending")
    age(db, match_id, LIFETIME)
    ben = people.add()
    assert search(rpc, ghost)["buddy_user_id"] == ben
    assert state(db, ghost) == (0, False, False)


def test_a_chosen_pause_stays_a_chosen_one(db, rpc, people, ghost):
    match_id = make_match(db, ghost, people.add(**FAR), "pending")
    rpc.as_user(ghost).call("pause_matching")
    age(db, match_id, LIFETIME)
    search(rpc, people.add())
    assert state(db, ghost) == (LIMIT, True, False)
    with refused(db, "matching_paused"):
        search(rpc, ghost)
    assert rpc.as_user(ghost).call("resume_matching")["success"] is True
    assert state(db, ghost) == (0, False, False)


def test_a_refused_search_ends_no_pause(db, rpc, people, ghost):
    offer_expires(db, ghost, people.add(**FAR))
    with refused(db, "invalid_radius"):
        rpc.as_user(ghost).call("create_automatic_match", max_radius_miles=0)
    assert state(db, ghost) == (LIMIT, True, True)


@pytest.mark.parametrize("status", ["declined", "accepted"])
def test_three_offers_declined_or_accepted_by_others_pause_nobody(db, rpc, people, status):
    ana = people.add()
    for _ in range(LIMIT + 1):
        ben = people.add()
        match_id = make_match(db, ana, ben, "pending")
        action = {"declined": "decline", "accepted": "accept"}[status]
        rpc.as_user(ben).call("respond_to_match", match_id=match_id, action=action)
        rpc.as_user(ben).call("pause_matching")
    assert state(db, ana) == (0, False, False)


def test_by_calls_alone(db, rpc, people):
    """Three searches of others find somebody who never answers."""
    settle_nothing(db)
    ghost = people.add("Gil")
    for number in range(1, LIMIT + 1):
        searcher = people.add()
        assert search(rpc, searcher)["buddy_user_id"] == ghost
        (match,) = [row for row in match_rows(db) if row["status"] == "pending"]
        age(db, match["id"], LIFETIME)
        rpc.as_user(searcher).call("resume_matching")
        assert search(rpc, searcher)["success"] is False
        assert state(db, ghost) == (number, number == LIMIT, number == LIMIT)
        rpc.as_user(searcher).call("pause_matching")
    assert pending(db, ghost) is None
    assert search(rpc, people.add())["success"] is False
