"""create_automatic_match: the present pending match, a new one, or nobody; and what it settles first."""

from datetime import timedelta
from uuid import UUID

import pytest
from answers import at_one_instant
from contract_errors import refused
from matchmaking import (
    ALREADY,
    CREATED,
    age,
    match_row,
    match_rows,
    none_within,
    pause,
    pending,
    seeker_row,
    settle_nothing,
    wait_since,
    waiting,
)
from rows import all_rows, business_rows, make_match, set_counters
from written import Updates, updates_of

PORTO = {"lat": 41.1496, "lng": -8.6110}
SINTRA = {"lat": 38.80, "lng": -9.38}
EXPIRES_NOW = (
    "update public.wingman_matches set created_at = statement_timestamp() - interval '48 hours',"
    " expires_at = statement_timestamp()"
)
LEVELS = {1: "beginner", 2: "intermediate", 3: "advanced"}
UNMATCHABLE = ["paused", "without a location", "with a pending match", "without a profile"]


def nobody(miles):
    """The answer of a search that found nobody."""
    empty = dict.fromkeys(("match_id", "buddy_user_id", "buddy_profile", "distance_miles"))
    return {"success": False, "message": none_within(miles)} | empty


def search(rpc, user_id: UUID, **arguments):
    return rpc.as_user(user_id).call("create_automatic_match", **arguments)


def statuses(db, *match_ids):
    return [match_row(db, match_id)["status"] for match_id in match_ids]


def test_the_answer_names_match_buddy_and_distance(db, rpc, people):
    ana = people.add("Ana")
    ben = people.add("Ben", "intermediate", lat=38.82, confidence_archetype="Explorer")
    set_counters(db, 4, user_id=ben)
    answer = search(rpc, ana)
    (row,) = match_rows(db)
    assert answer == {
        "success": True,
        "message": CREATED,
        "match_id": row["id"],
        "buddy_user_id": ben,
        "buddy_profile": {
            "id": ben,
            "first_name": "Ben",
            "experience_level": "intermediate",
            "confidence_archetype": "Explorer",
            "reputation_score": 4,
        },
        "distance_miles": 7,
    }


@pytest.mark.parametrize("by", ["user1", "user2"])
@pytest.mark.parametrize("levels", [(1, 2), (2, 1), (2, 3), (3, 3)], ids=str)
def test_the_row_is_a_pending_match_of_48_hours(db, rpc, people, by, levels):
    user1, user2 = sorted((people.add(lat=38.82), people.add()))
    for user_id, level in zip((user1, user2), levels, strict=True):
        db.execute(
            "update public.user_profiles set experience_level = %s where id = %s", [LEVELS[level], user_id]
        )
    set_counters(db, 4, user_id=user1)
    set_counters(db, 0, 9, user_id=user2)
    me = user1 if by == "user1" else user2
    search(rpc, me)
    (row,) = match_rows(db)
    created_at = row.pop("created_at")
    assert row.pop("expires_at") - created_at == timedelta(hours=48)
    assert row == {
        "id": row["id"],
        "user1_id": user1,
        "user2_id": user2,
        "status": "pending",
        "user1_reputation": 4,
        "user2_reputation": -5,
        "user1_level": levels[0],
        "user2_level": levels[1],
        "distance_miles": 7,
        "searched_by": me,
        "responded_by": None,
        "responded_at": None,
        "ended_at": None,
        "ended_by": None,
        "needs_both": False,
        "first_accepted_by": None,
        "first_accepted_at": None,
        "updated_at": created_at,
    }
    assert pending(db, user1) == pending(db, user2) == row["id"]


def test_the_lifetime_is_the_one_of_the_settings(db, rpc, people):
    ana, _ = people.add(), people.add()
    db.execute("update wingman.settings set match_lifetime = '90 minutes'")
    search(rpc, ana)
    (row,) = match_rows(db)
    assert row["expires_at"] - row["created_at"] == timedelta(minutes=90)


def test_reputations_and_levels_of_the_match_stay_as_they_were_at_creation(db, rpc, people):
    ana, _ = people.add(), people.add()
    search(rpc, ana)
    before = match_rows(db)
    set_counters(db, 9)
    db.execute("update public.user_profiles set experience_level = 'advanced'")
    assert search(rpc, ana)["buddy_profile"]["reputation_score"] == 9
    assert match_rows(db) == before


@pytest.mark.parametrize("whose", ["own", "others'"])
def test_settling_a_lapsed_match_writes_no_index_of_the_matches(db, rpc, people, whose):
    ana, ben, cem = people.add(), people.add(), people.add()
    make_match(db, ana, ben, "lapsed")
    updated = updates_of(
        rpc.as_user(ana if whose == "own" else cem), lambda me: me.call("create_automatic_match")
    )
    assert updated["wingman_matches"] == Updates(1, 1)


@pytest.mark.parametrize("who", ["the one who searched", "the one who was found"])
def test_a_pending_match_is_answered_again_and_nothing_is_written(db, rpc, people, who):
    ana, ben = people.add("Ana"), people.add("Ben", lat=38.82)
    people.add("Cem")
    match_id = make_match(db, ana, ben, "pending")
    me, buddy = (ana, ben) if who == "the one who searched" else (ben, ana)
    before = all_rows(db)
    answer = search(rpc, me)
    assert (answer["success"], answer["message"]) == (True, ALREADY)
    assert (answer["match_id"], answer["buddy_user_id"]) == (match_id, buddy)
    assert answer["buddy_profile"]["first_name"] == ("Ben" if buddy == ben else "Ana")
    assert answer["distance_miles"] == match_row(db, match_id)["distance_miles"]
    assert all_rows(db) == before


def test_a_pending_match_outside_the_radius_is_answered_as_well(db, rpc, people):
    ana, ben = people.add(), people.add(**PORTO)
    match_id = make_match(db, ana, ben, "pending")
    assert search(rpc, ana, max_radius_miles=1)["match_id"] == match_id


def test_a_pending_match_is_answered_to_somebody_paused_as_well(db, rpc, people):
    ana, ben = people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    pause(db, ana)
    assert search(rpc, ana)["match_id"] == match_id


def test_an_accepted_match_does_not_keep_from_another(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    make_match(db, ana, ben, "accepted")
    assert search(rpc, ana)["buddy_user_id"] == cem


def test_nobody_is_an_answer_and_writes_nothing(db, rpc, people):
    ana = people.add()
    people.add(**PORTO)
    before = business_rows(db)
    assert search(rpc, ana, max_radius_miles=100) == nobody(100)
    assert business_rows(db) == before


@pytest.mark.parametrize(("own", "radius", "told"), [(25, None, 25), (7, None, 7), (7, 60, 60), (60, 7, 7)])
def test_nobody_is_told_with_the_radius_of_the_search(rpc, people, own, radius, told):
    ana = people.add(max_travel_miles=own)
    assert search(rpc, ana, max_radius_miles=radius) == nobody(told)


def test_one_is_never_matched_with_oneself(db, rpc, people):
    ana = people.add()
    assert search(rpc, ana) == nobody(25)
    assert match_rows(db) == []


@pytest.mark.parametrize("radius", [-1, 0, 101, 2**31 - 1])
def test_a_radius_outside_1_to_100_is_refused(db, rpc, people, radius):
    ana, _ = people.add(), people.add()
    with refused(db, "invalid_radius"):
        search(rpc, ana, max_radius_miles=radius)


@pytest.mark.parametrize("radius", [1, 100])
def test_a_radius_of_1_and_of_100_is_served(rpc, people, radius):
    ana, ben = people.add(), people.add()
    assert search(rpc, ana, max_radius_miles=radius)["buddy_user_id"] == ben


def test_the_radius_is_checked_before_the_state(db, rpc, people):
    ana, ben = people.add(), people.add()
    make_match(db, ana, ben, "pending")
    pause(db, ana)
    with refused(db, "invalid_radius"):
        search(rpc, ana, max_radius_miles=0)


def test_somebody_paused_must_resume_first(db, rpc, people):
    ana, _ = people.add(), people.add()
    pause(db, ana)
    with refused(db, "matching_paused"):
        search(rpc, ana)


def test_a_removed_location_makes_the_profile_incomplete(db, rpc, people):
    ana, _ = people.add(), people.add()
    db.execute("delete from public.user_locations where user_id = %s", [ana])
    with refused(db, "profile_incomplete"):
        search(rpc, ana)
    with refused(db, "profile_incomplete"):
        rpc.as_service().call("create_automatic_match", user_id=ana)


@pytest.mark.parametrize("state", UNMATCHABLE)
def test_people_who_cannot_be_matched_are_not_found(db, rpc, people, state):
    ana, ben = people.add(), people.add()
    match state:
        case "paused":
            pause(db, ben)
        case "without a location":
            db.execute("delete from public.user_locations where user_id = %s", [ben])
        case "with a pending match":
            make_match(db, ben, people.add(), "pending")
        case "without a profile":
            db.execute("delete from public.user_profiles where id = %s", [ben])
    assert search(rpc, ana) == nobody(25)


def test_one_microsecond_before_its_end_the_own_match_is_still_pending(db, people):
    ana, ben = people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    answer = at_one_instant(
        db,
        f"public.create_automatic_match(user_id => '{ana}')",
        first=EXPIRES_NOW + " + interval '1 microsecond'",
    )
    assert (answer["match_id"], answer["message"]) == (match_id, ALREADY)
    assert statuses(db, match_id) == ["pending"]


def test_at_its_end_the_own_match_is_settled_and_another_one_made(db, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    answer = at_one_instant(db, f"public.create_automatic_match(user_id => '{ana}')", first=EXPIRES_NOW)
    assert (answer["buddy_user_id"], answer["message"]) == (cem, CREATED)
    assert statuses(db, match_id, answer["match_id"]) == ["expired", "pending"]
    assert pending(db, ben) is None


def test_the_own_lapsed_match_is_settled_even_when_nobody_is_found(db, rpc, people):
    settle_nothing(db)
    ana, ben = people.add(), people.add()
    match_id = make_match(db, ana, ben, "lapsed")
    wait_since(db, ana, "9 days")
    wait_since(db, ben, "9 days")
    assert search(rpc, ana) == nobody(25)
    row = match_row(db, match_id)
    assert (row["status"], row["responded_by"], row["responded_at"]) == ("expired", None, None)
    assert (pending(db, ana), pending(db, ben)) == (None, None)
    assert waiting(db, ana) == waiting(db, ben) == row["updated_at"]


def test_a_refused_search_settles_nothing(db, rpc, people):
    ana, ben = people.add(), people.add()
    make_match(db, ana, ben, "lapsed")
    pause(db, ana)
    with refused(db, "matching_paused"):
        search(rpc, ana)


def test_a_lapsed_match_of_others_counts_until_it_is_settled(db, rpc, people):
    settle_nothing(db)
    ana, ben, cem = people.add(), people.add(), people.add()
    match_id = make_match(db, ben, cem, "lapsed")
    assert search(rpc, ana) == nobody(25)
    assert statuses(db, match_id) == ["pending"]


def test_the_two_longest_lapsed_matches_of_others_are_settled_on_the_way(db, rpc, people):
    ana = people.add(**PORTO)
    pairs = [(people.add(), people.add()) for _ in range(4)]
    lapsed = [make_match(db, one, other, "lapsed") for one, other in pairs]
    for match_id, hours in zip(lapsed, (2, 4, 1, 3), strict=True):
        age(db, match_id, f"{hours} hours")
    assert search(rpc, ana) == nobody(25)
    assert statuses(db, *lapsed) == ["pending", "expired", "pending", "expired"]
    for user_id in pairs[1]:
        assert pending(db, user_id) is None
        assert waiting(db, user_id) == match_row(db, lapsed[1])["updated_at"]
    assert search(rpc, ana) == nobody(25)
    assert statuses(db, *lapsed) == ["expired"] * 4


def test_people_whose_match_was_settled_on_the_way_are_found_at_once(db, rpc, people):
    ana, ben, cem = people.add(), people.add(**SINTRA), people.add(**PORTO)
    make_match(db, ben, cem, "lapsed")
    assert search(rpc, ana)["buddy_user_id"] == ben


def test_matches_that_have_not_lapsed_are_never_settled(db, rpc, people):
    ana, ben, cem = people.add(), people.add(), people.add()
    match_id = make_match(db, ben, cem, "pending")
    age(db, match_id, "47 hours 59 minutes")
    search(rpc, ana)
    assert statuses(db, match_id) == ["pending"]


def test_an_already_pending_answer_settles_nothing(db, rpc, people):
    ana, ben = people.add(), people.add()
    make_match(db, ana, ben, "pending")
    make_match(db, people.add(), people.add(), "lapsed")
    before = all_rows(db)
    search(rpc, ana)
    assert all_rows(db) == before


def test_searching_keeps_the_waiting_time(db, rpc, people):
    ana, ben = people.add(), people.add()
    since = waiting(db, ana), waiting(db, ben)
    search(rpc, ana)
    assert (waiting(db, ana), waiting(db, ben)) == since


def test_the_distance_is_the_one_at_creation_wherever_people_move(db, rpc, people):
    ana, ben = people.add(), people.add(lat=38.82)
    match_id = search(rpc, ana)["match_id"]
    moved = {"first_name": "Ben", "experience_level": "beginner", **PORTO}
    rpc.as_user(ben).call("complete_profile", **moved)
    assert seeker_row(db, ben)["grid_lat"] == 4115
    assert search(rpc, ana)["distance_miles"] == 7
    assert rpc.as_user(ben).call("get_match", match_id=match_id)["distance_miles"] == 7
    assert match_row(db, match_id)["distance_miles"] == 7
