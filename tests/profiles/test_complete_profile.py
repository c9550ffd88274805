"""complete_profile writes profile and location as a whole, inside the limits of the contract."""

from datetime import datetime
from uuid import uuid4

import pytest
from contract_errors import refused
from harness import Caller
from matchmaking import age, match_row, pause, pending, seeker_row, wait_since, waiting
from rows import make_match, set_counters

LEAST = {"first_name": "Ana", "experience_level": "beginner", "lat": 38.7223, "lng": -9.1393}
EVERYTHING = {
    "first_name": "Zoë",
    "experience_level": "advanced",
    "lat": -33.8688,
    "lng": 151.2093,
    "city": "Sydney",
    "bio": "Hello.",
    "photo_url": "https://example.org/zoe.jpg",
    "confidence_archetype": "Explorer",
    "max_travel_miles": 40,
    "privacy_mode": "city_only",
}
DEFAULTS = {
    "city": None,
    "bio": None,
    "photo_url": None,
    "confidence_archetype": None,
    "max_travel_miles": 25,
    "privacy_mode": "precise",
}
NAME = "must be 1 to 80 characters"
URL = "must be an https URL of at most 500 characters"
HTTPS = "https://example.org/"
LAT = "must be between -90 and 90 degrees"
LNG = "must be between -180 and 180 degrees"
TRAVEL = "must be between 1 and 100"
NEEDS_CITY = "is required for privacy_mode city_only"
NAN, INFINITY = float("nan"), float("inf")

WITHIN = [
    {"first_name": "A"},
    {"first_name": "Ä" * 80},
    {"experience_level": "beginner"},
    {"experience_level": "intermediate"},
    {"experience_level": "advanced"},
    {"bio": ""},
    {"bio": "ß" * 400},
    {"photo_url": HTTPS.ljust(500, "x")},
    {"confidence_archetype": "é" * 100},
    {"lat": -90.0},
    {"lat": 90.0},
    {"lng": -180.0},
    {"lng": 180.0},
    {"lat": 0.0, "lng": 0.0},
    {"max_travel_miles": 1},
    {"max_travel_miles": 100},
    {"city": "é" * 100},
    {"city": "Lisboa", "privacy_mode": "city_only"},
]
BEYOND = [
    ({"first_name": ""}, "first_name", NAME),
    ({"first_name": " \t\n"}, "first_name", NAME),
    ({"first_name": "A" * 81}, "first_name", NAME),
    ({"experience_level": "expert"}, "experience_level", "must be beginner, intermediate or advanced"),
    ({"experience_level": ""}, "experience_level", "must be beginner, intermediate or advanced"),
    ({"experience_level": "Beginner"}, "experience_level", "must be beginner, intermediate or advanced"),
    ({"bio": "ß" * 401}, "bio", "must be at most 400 characters"),
    ({"photo_url": HTTPS.ljust(501, "x")}, "photo_url", URL),
    ({"photo_url": "http://example.org/ana.jpg"}, "photo_url", URL),
    ({"photo_url": "javascript:alert('https://')"}, "photo_url", URL),
    ({"photo_url": "https://"}, "photo_url", URL),
    ({"photo_url": "https://example.org/a b"}, "photo_url", URL),
    ({"photo_url": "http://a\nhttps://example.org/"}, "photo_url", URL),
    ({"photo_url": ""}, "photo_url", URL),
    ({"confidence_archetype": "e" * 101}, "confidence_archetype", "must be at most 100 characters"),
    ({"lat": -90.000001}, "lat", LAT),
    ({"lat": 90.000001}, "lat", LAT),
    ({"lat": NAN}, "lat", LAT),
    ({"lat": INFINITY}, "lat", LAT),
    ({"lat": -INFINITY}, "lat", LAT),
    ({"lng": -180.000001}, "lng", LNG),
    ({"lng": 180.000001}, "lng", LNG),
    ({"lng": NAN}, "lng", LNG),
    ({"lng": INFINITY}, "lng", LNG),
    ({"lng": -INFINITY}, "lng", LNG),
    ({"max_travel_miles": 0}, "max_travel_miles", TRAVEL),
    ({"max_travel_miles": 101}, "max_travel_miles", TRAVEL),
    ({"max_travel_miles": -1}, "max_travel_miles", TRAVEL),
    ({"city": "e" * 101}, "city", "must be at most 100 characters"),
    ({"privacy_mode": "secret"}, "privacy_mode", "must be precise or city_only"),
    ({"privacy_mode": "", "city": "Lisboa"}, "privacy_mode", "must be precise or city_only"),
    ({"privacy_mode": "city_only"}, "city", NEEDS_CITY),
    ({"privacy_mode": "city_only", "city": ""}, "city", NEEDS_CITY),
    ({"privacy_mode": "city_only", "city": " \t\n"}, "city", NEEDS_CITY),
]


def brief(arguments):
    return ", ".join(f"{name}={str(value)[:24]!r}*{len(str(value))}" for name, value in arguments.items())


def tables_of(db, user_id):
    """What the two tables say of somebody, as complete_profile takes it."""
    row = db.execute(
        "select p.*, l.* from public.user_profiles as p"
        " join public.user_locations as l on l.user_id = p.id where p.id = %s",
        [user_id],
    ).fetchone()
    assert row is not None
    return {name: row[name] for name in EVERYTHING}


@pytest.mark.parametrize("arguments", WITHIN, ids=brief)
def test_values_at_the_limits_are_kept(db, rpc, people, arguments):
    ana = people.auth_only()
    answer = rpc.as_user(ana).call("complete_profile", **{**LEAST, **arguments})
    expected = {**DEFAULTS, **LEAST, **arguments}
    assert {name: answer[name] for name in expected} == expected
    assert tables_of(db, ana) == expected


@pytest.mark.representatives(
    "city=*",
    "confidence_archetype=*",
    "first_name='A*",
    "bio=*",
    "experience_level='expert'*",
    "lat='90*",
    "lng='-180*",
    "max_travel_miles='101'*",
    "photo_url='http://e*",
    "privacy_mode='secret'*",
    "privacy_mode='city_only'[*]9",
)
@pytest.mark.parametrize(
    ("arguments", "argument", "rule"), BEYOND, ids=[brief(arguments) for arguments, _, _ in BEYOND]
)
def test_values_beyond_the_limits_are_refused(db, rpc, people, arguments, argument, rule):
    ana = people.auth_only()
    with refused(db, "invalid_argument", argument=argument, rule=rule):
        rpc.as_user(ana).call("complete_profile", **{**LEAST, **arguments})


def test_a_refused_change_leaves_the_profile_that_was(db, rpc, people):
    ana = people.add(**{k: v for k, v in EVERYTHING.items() if k not in ("first_name", "experience_level")})
    with refused(db, "invalid_argument", argument="max_travel_miles", rule=TRAVEL):
        rpc.as_user(ana).call("complete_profile", **{**LEAST, "max_travel_miles": 0})


def test_the_answer_is_the_whole_new_profile(db, rpc, people):
    ana = people.auth_only()
    answer = rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    created_at, updated_at = answer.pop("created_at"), answer.pop("updated_at")
    assert answer == {
        **EVERYTHING,
        "user_id": ana,
        "completed_sessions": 0,
        "no_shows": 0,
        "reputation_score": 0,
        "matching_paused": False,
        "cooldown_until": None,
        "suspended": False,
        "suspended_until": None,
    }
    assert isinstance(created_at, datetime)
    assert created_at == updated_at
    assert tables_of(db, ana) == EVERYTHING


def test_what_is_left_out_takes_its_default(db, rpc, people):
    ana = people.auth_only()
    rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    answer = rpc.as_user(ana).call("complete_profile", **LEAST)
    expected = {**LEAST, **DEFAULTS}
    assert {name: answer[name] for name in expected} == expected
    assert tables_of(db, ana) == expected


@pytest.mark.parametrize("change", [{"first_name": "Anabel"}, {"lat": 38.8}], ids=["profile", "location"])
def test_writing_another_one_keeps_created_at_and_moves_updated_at(db, rpc, people, change):
    ana = people.add()
    first = rpc.as_user(ana).call("get_profile")
    again = rpc.as_user(ana).call("complete_profile", **LEAST | change)
    assert again["created_at"] == first["created_at"]
    assert again["updated_at"] > first["updated_at"]
    assert again == rpc.as_user(ana).call("get_profile")


def test_writing_it_again_keeps_the_reputation(db, rpc, people):
    ana = people.add()
    set_counters(db, 7, 2)
    answer = rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    assert (answer["completed_sessions"], answer["no_shows"], answer["reputation_score"]) == (7, 2, 5)


def test_writing_it_again_keeps_waiting_time_and_pause(db, rpc, people):
    ana = people.add()
    wait_since(db, ana, "5 days")
    pause(db, ana)
    since = waiting(db, ana)
    answer = rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    assert answer["matching_paused"] is True
    assert seeker_row(db, ana)["paused"] is True
    assert waiting(db, ana) == since


def test_writing_it_again_keeps_the_pending_match_as_it_was_made(db, rpc, people):
    ana, ben = people.add(), people.add()
    match_id = make_match(db, ana, ben, "pending")
    age(db, match_id, "1 hour")
    before = match_row(db, match_id)
    rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    assert match_row(db, match_id) == before
    assert pending(db, ana) == match_id


@pytest.mark.parametrize(
    ("privacy", "grid"),
    [({}, (-3387, 15121)), ({"privacy_mode": "city_only", "city": "Sydney"}, (-3390, 15120))],
    ids=["precise", "city_only"],
)
def test_a_profile_makes_its_user_matchable_by_grid_cell_alone(db, rpc, people, privacy, grid):
    ana = people.add("Ana", "intermediate", lat=-33.8688, lng=151.2093, max_travel_miles=40, **privacy)
    row = seeker_row(db, ana)
    assert (row["grid_lat"], row["grid_lng"]) == grid
    assert (row["level"], row["max_travel_miles"], row["paused"]) == (2, 40, False)
    assert row["pending_match_id"] is None


def test_moving_moves_the_grid_cell_the_level_and_the_distance(db, rpc, people):
    ana = people.add()
    rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    row = seeker_row(db, ana)
    assert (row["grid_lat"], row["grid_lng"]) == (-3390, 15120)
    assert (row["level"], row["max_travel_miles"]) == (3, 40)


def test_a_location_that_was_removed_can_be_given_again(db, rpc, people):
    ana = people.add()
    db.execute("delete from public.user_locations")
    assert seeker_row(db, ana) is None
    rpc.as_user(ana).call("complete_profile", **LEAST)
    assert seeker_row(db, ana) is not None


@pytest.mark.parametrize("who", ["the user", "service_role", "an operator", "the superuser"])
def test_an_id_that_auth_users_lacks_is_not_found(db, rpc, who):
    nobody = uuid4()
    caller, named = {
        "the user": (rpc.as_user(nobody), {}),
        "service_role": (rpc.as_service(), {"user_id": nobody}),
        "an operator": (rpc.as_admin(), {"user_id": nobody}),
        "the superuser": (Caller(lambda: db, None, {}), {"user_id": nobody}),
    }[who]
    with refused(db, "user_not_found"):
        caller.call("complete_profile", **LEAST, **named)


def test_arguments_are_checked_before_existence(db, rpc):
    with refused(db, "invalid_argument", argument="lat", rule=LAT):
        rpc.as_user(uuid4()).call("complete_profile", **{**LEAST, "lat": 91})


def test_others_are_left_alone(db, rpc, people):
    ana, ben = people.add("Ana"), people.add("Ben")
    before = rpc.as_user(ben).call("get_profile")
    rpc.as_user(ana).call("complete_profile", **EVERYTHING)
    assert rpc.as_user(ben).call("get_profile") == before
