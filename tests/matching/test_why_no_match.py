"""why_no_match: how many people each rule removes, too coarse to reveal anybody."""

from uuid import uuid4

import pytest
from contract_errors import refused
from crowd import make_crowd
from harness import OPERATOR
from matching_rules import (
    RULES,
    TOWN,
    blocked_by_me,
    blocked_by_them,
    found_often,
    in_a_pending_match,
    of_another_level,
    paused,
    staying_nearby,
)
from matchmaking import pause
from rows import all_rows, make_match

HERE, NEAR, FURTHER = (3872, -914), (3876, -914), (3885, -914)  # 0, 2.8 and 9 miles from Ana
SEARCH_NOW = "Search now: somebody within this radius fits"
BUSY_NEAR = "Search again later: some people near you are busy at the moment"
MET = "Search again later: after 168 hours you can be matched again with people whom you were matched with"
SUGGESTED = {"unavailable": BUSY_NEAR, "met_recently": MET}


@pytest.fixture
def ana(people):
    return people.add("Ana")


def why(rpc, me, **arguments):
    return rpc.as_user(me).call("why_no_match", **arguments)


def removed(answer):
    return {count["rule"]: count["people"] for count in answer["removed"]}


def nobody(radius=25):
    return {"radius_miles": radius, "people_near": 0, "removed": [], "suggestions": []}


def crowd(db, people, at, **of_them):
    with db.transaction():
        make_crowd(db, f"{at} {of_them}", people, at, **of_them)


# What removes people.


def test_nobody_near(rpc, ana):
    assert why(rpc, ana) == nobody()


def test_somebody_who_fits(rpc, people, ana):
    people.add()
    assert why(rpc, ana) == nobody() | {"people_near": 3, "suggestions": [SEARCH_NOW]}


@pytest.mark.parametrize(
    ("somebody", "counted_as"),
    [
        pytest.param(somebody, rule.counted_as, id=somebody.__name__)
        for rule in RULES
        for somebody in rule.arranged
        if rule.counted_as
    ],
)
def test_each_rule_tells_whom_it_removes(db, rpc, people, ana, somebody, counted_as):
    somebody(db, rpc, people, ana)
    assert why(rpc, ana) == {
        "radius_miles": 25,
        "people_near": 3,
        "removed": [{"rule": counted_as, "people": 3}],
        "suggestions": [SUGGESTED[counted_as]] if counted_as in SUGGESTED else [],
    }
    assert rpc.as_user(ana).call("create_automatic_match")["success"] is False


@pytest.mark.parametrize("block", [blocked_by_me, blocked_by_them])
@pytest.mark.parametrize("met", [None, "declined", "accepted"])
def test_a_block_looks_like_any_other_absence(db, rpc, people, ana, block, met):
    other = block(db, rpc, people, ana)
    if met:
        make_match(db, ana, other, met)
    after_the_block = why(rpc, ana)
    db.execute("delete from public.user_blocks")
    pause(db, other)
    assert why(rpc, ana) == after_the_block


def test_everybody_counts_once_by_the_first_rule_that_removes_them(db, rpc, people, ana):
    ben = people.add(experience_level="advanced", lat=38.80, max_travel_miles=5)
    make_match(db, ana, ben, "accepted")
    assert removed(why(rpc, ana)) == {"too_far_for_them": 3}
    pause(db, ben)
    assert removed(why(rpc, ana)) == {"unavailable": 3}


def test_all_together(db, rpc, people, ana):
    for somebody in (
        paused,
        in_a_pending_match,
        found_often,
        blocked_by_them,
        staying_nearby,
        of_another_level,
    ):
        somebody(db, rpc, people, ana)
    answer = why(rpc, ana)
    assert answer["people_near"] == 6
    assert answer["removed"] == [
        {"rule": "level", "people": 3},
        {"rule": "too_far_for_them", "people": 3},
        {"rule": "unavailable", "people": 6},
    ]


@pytest.mark.representatives("1-3", "3-3", "4-6")
@pytest.mark.parametrize(("size", "told"), [(1, 3), (2, 3), (3, 3), (4, 6), (6, 6), (7, 9)])
def test_numbers_are_rounded_up_to_a_multiple_of_three(db, rpc, ana, size, told):
    crowd(db, size, HERE, level=3)
    answer = why(rpc, ana)
    assert (answer["people_near"], removed(answer)) == (told, {"level": told})


# The radius.


@pytest.mark.parametrize(("own", "asked", "used"), [(10, None, 10), (10, 40, 40), (10, 1, 1), (25, 100, 100)])
def test_the_radius_is_the_one_asked_for_or_the_own(rpc, people, own, asked, used):
    ana = people.add(max_travel_miles=own)
    assert why(rpc, ana, max_radius_miles=asked)["radius_miles"] == used


def test_people_beyond_the_radius_are_not_near(rpc, people, ana):
    people.add(lat=38.80)  # 5.4 miles
    assert [why(rpc, ana, max_radius_miles=miles)["people_near"] for miles in (5, 6)] == [0, 3]


@pytest.mark.parametrize("radius", [0, -1, 101])
def test_another_radius_is_refused(db, rpc, ana, radius):
    with refused(db, "invalid_radius"):
        why(rpc, ana, max_radius_miles=radius)


# What would help.


@pytest.mark.parametrize(("lat", "miles"), [(38.80, 10), (38.86, 10), (38.87, 20), (39.90, 90)])
def test_searching_wider(rpc, people, lat, miles):
    ana = people.add(max_travel_miles=1)
    people.add(lat=lat, max_travel_miles=100)
    wider = f"Search wider: 3 people within {miles} miles"
    assert why(rpc, ana) == nobody(1) | {"suggestions": [wider]}


def test_searching_wider_counts_who_fits(db, rpc, people):
    ana = people.add(max_travel_miles=1)
    crowd(db, 4, NEAR)
    crowd(db, 5, NEAR, level=3)
    assert why(rpc, ana)["suggestions"] == ["Search wider: 6 people within 10 miles"]


def test_nobody_anywhere_would_help(rpc, people, ana):
    people.add(**TOWN)
    people.add("Ben", "advanced", lat=39.0, max_travel_miles=100)
    assert why(rpc, ana, max_radius_miles=1) == nobody(1)


def test_somebody_paused_is_told_to_resume(db, rpc, people, ana):
    people.add()
    pause(db, ana)
    assert why(rpc, ana)["suggestions"] == ["Resume matching", SEARCH_NOW]


def test_somebody_with_a_pending_match_is_told_to_answer(db, rpc, people, ana):
    make_match(db, ana, people.add(**TOWN), "pending")
    assert why(rpc, ana)["suggestions"] == ["Answer your pending match: until then there is no other one"]


def test_waiting_helps_where_levels_relax(db, rpc, people, ana):
    of_another_level(db, rpc, people, ana)
    db.execute("update wingman.settings set level_relaxation = interval '24 hours'")
    relaxes = "Keep waiting: every 24 hours one more experience level apart is allowed"
    assert why(rpc, ana)["suggestions"] == [relaxes]


# A big city.


def test_of_more_than_1000_the_nearest_are_counted(db, rpc, ana):
    """The far ones are written first, so that the order of the rows is not that of the distances."""
    crowd(db, 400, FURTHER, travel=1)
    crowd(db, 600, NEAR, travel=1)
    crowd(db, 500, HERE, level=3)
    db.execute("analyze wingman.matchmaking_pool, wingman.occupied_cells")
    answer = why(rpc, ana)
    assert (answer["people_near"], removed(answer)) == (1002, {"level": 501, "too_far_for_them": 501})


def test_somebody_who_fits_behind_1000_who_do_not_is_worth_a_search(db, rpc, people, ana):
    crowd(db, 1001, HERE, level=3)
    ben = people.add(lat=38.80)
    assert SEARCH_NOW in why(rpc, ana)["suggestions"]
    assert not any(told.startswith("Search wider") for told in why(rpc, ana)["suggestions"])
    assert rpc.as_user(ana).call("create_automatic_match")["buddy_user_id"] == ben


# Who may.


def test_reading_writes_nothing(db, rpc, people, ana):
    people.add()
    before = all_rows(db)
    why(rpc, ana)
    assert all_rows(db) == before


def test_a_user_asks_for_nobody_else(db, rpc, people, ana):
    ben, newcomer = people.add(), people.auth_only()
    with refused(db, "not_authenticated"):
        why(rpc, "nobody")
    with refused(db, "acting_for_another"):
        why(rpc, ana, user_id=ben)
    with refused(db, "profile_incomplete"):
        why(rpc, newcomer)


def test_without_a_location_nothing_is_near(db, rpc, ana):
    db.execute("delete from public.user_locations")
    with refused(db, "profile_incomplete"):
        why(rpc, ana)


@pytest.mark.parametrize("caller", ["as_service", "as_admin"])
def test_service_and_operators_hear_what_the_user_they_name_hears(db, rpc, people, ana, caller):
    people.add()
    call = getattr(rpc, caller)().call
    assert call("why_no_match", user_id=ana) == why(rpc, ana)
    with refused(db, "missing_argument", argument="user_id"):
        call("why_no_match")
    with refused(db, "user_not_found"):
        call("why_no_match", user_id=uuid4())


def test_operators_have_the_full_form(db, rpc, connect, people, ana):
    for somebody in (paused, blocked_by_me, blocked_by_them, staying_nearby):
        somebody(db, rpc, people, ana)
    people.add("Ben", "intermediate", lat=38.80)
    rows = (
        connect(user=OPERATOR)
        .execute("select * from wingman_admin.why_no_match(user_id => %s)", [ana])
        .fetchall()
    )
    assert [(row["obstacle"], row["people"], row["nearest_miles"]) for row in rows] == [
        ("blocked", 2, 1),
        ("paused", 1, 1),
        ("too_far_for_them", 1, 6),
        (None, 1, 6),
    ]
