"""Who is found: levels, both distances, the nearest first, then the longest waiting, then the smaller id."""

import pytest
from matchmaking import match_rows, none_within, wait_since
from rows import make_match

LEVELS = ["beginner", "intermediate", "advanced"]
NORTH = {"lat": 38.82}  # 0.1 degrees of latitude from the default place: 6.91 miles


def search(rpc, user_id, **arguments):
    return rpc.as_user(user_id).call("create_automatic_match", **arguments)


@pytest.mark.parametrize("mine", LEVELS)
@pytest.mark.parametrize("theirs", LEVELS)
def test_levels_are_at_most_one_apart(db, rpc, people, mine, theirs):
    ana, _ = people.add("Ana", mine), people.add("Ben", theirs)
    fits = abs(LEVELS.index(mine) - LEVELS.index(theirs)) <= 1
    assert search(rpc, ana)["success"] is fits
    assert len(match_rows(db)) == fits


def test_a_new_level_counts_at_once(rpc, people):
    ana, ben = people.add("Ana", "beginner"), people.add("Ben", "advanced")
    assert search(rpc, ana)["success"] is False
    place = {"lat": 38.7223, "lng": -9.1393}
    rpc.as_user(ben).call("complete_profile", first_name="Ben", experience_level="intermediate", **place)
    assert search(rpc, ana)["buddy_user_id"] == ben


def test_a_level_written_by_direct_sql_counts_as_well(db, rpc, people):
    ana, ben = people.add("Ana", "beginner"), people.add("Ben", "advanced")
    db.execute("update public.user_profiles set experience_level = 'intermediate' where id = %s", [ben])
    assert search(rpc, ana)["buddy_user_id"] == ben


@pytest.mark.parametrize(
    ("own", "radius", "theirs", "found"),
    [
        (7, None, 7, True),
        (6, None, 25, False),
        (25, None, 6, False),
        (25, None, 7, True),
        (1, 7, 7, True),
        (100, 6, 100, False),
        (1, 100, 6, False),
        (1, 100, 7, True),
    ],
)
def test_the_distance_fits_the_radius_and_what_the_other_travels(rpc, people, own, radius, theirs, found):
    ana = people.add("Ana", max_travel_miles=own)
    people.add("Ben", max_travel_miles=theirs, **NORTH)
    answer = search(rpc, ana, max_radius_miles=radius)
    assert answer["success"] is found
    assert found or answer["message"] == none_within(radius or own)


# grid points whose distance is a whole number of miles, to a millionth of a mile
WHOLE_MILES = {18: ((-35.50, 20.0), (-35.50, 20.32)), 42: ((26.08, 50.0), (26.47, 50.52))}


@pytest.mark.parametrize("miles", WHOLE_MILES)
def test_a_distance_equal_to_the_radius_fits(rpc, people, miles):
    (lat1, lng1), (lat2, lng2) = WHOLE_MILES[miles]
    ana, _ = people.add(lat=lat1, lng=lng1), people.add(lat=lat2, lng=lng2, max_travel_miles=miles)
    assert search(rpc, ana, max_radius_miles=miles - 1)["success"] is False
    assert search(rpc, ana, max_radius_miles=miles)["distance_miles"] == miles


@pytest.mark.parametrize(("lat", "found"), [(1.44, True), (1.45, False), (-1.44, True), (-1.45, False)])
def test_the_widest_search_reaches_100_miles_due_north_and_south(rpc, people, lat, found):
    ana, _ = people.add(lat=0, lng=0), people.add(lat=lat, lng=0, max_travel_miles=100)
    assert search(rpc, ana, max_radius_miles=100)["success"] is found


def test_the_nearest_is_found_first(rpc, people):
    ana = people.add()
    by_latitude = {miles: people.add(lat=38.7223 + miles / 69.0934) for miles in (9, 3, 6)}
    found = []
    for _ in range(3):
        answer = search(rpc, ana)
        found.append(answer["buddy_user_id"])
        rpc.as_user(ana).call("respond_to_match", match_id=answer["match_id"], action="accept")
    assert found == [by_latitude[3], by_latitude[6], by_latitude[9]]


def test_nearer_goes_before_longer_waiting(db, rpc, people):
    ana, near, far = people.add(), people.add(lat=38.73), people.add(**NORTH)
    wait_since(db, far, "30 days")
    wait_since(db, near, "0")
    assert search(rpc, ana)["buddy_user_id"] == near


@pytest.mark.parametrize("longest", range(3))
def test_of_equally_near_people_the_longest_waiting_is_found(db, rpc, people, longest):
    ana, others = people.add(), [people.add() for _ in range(3)]
    db.execute("update wingman.matchmaking_pool set waiting_since = '2025-01-01 12:00:00.000001'")
    db.execute(
        "update wingman.matchmaking_pool set waiting_since = '2025-01-01 12:00' where user_id = %s",
        [others[longest]],
    )
    assert search(rpc, ana)["buddy_user_id"] == others[longest]


EQUALLY_FAR = {
    "west and east": ((38.72, -9.14), (38.72, -9.24), (38.72, -9.04)),
    "across Greenwich": ((51.48, -0.02), (51.48, -0.09), (51.48, 0.05)),
    "across the equator": ((0.0, 36.8), (-0.07, 36.8), (0.07, 36.8)),
    "across the antimeridian": ((-16.8, 179.98), (-16.8, 179.95), (-16.8, -179.99)),
    "around the pole": ((90.0, 0.0), (89.94, 20.0), (89.94, -160.0)),
    "the pole, by two longitudes": ((-89.94, 19.61), (-90.0, 13.66), (-90.0, -176.4)),
}


@pytest.mark.parametrize("longer", range(2))
@pytest.mark.parametrize("places", EQUALLY_FAR.values(), ids=EQUALLY_FAR)
def test_people_equally_far_in_two_directions_are_equally_near(db, rpc, people, places, longer):
    ana, *others = (people.add(lat=lat, lng=lng) for lat, lng in places)
    wait_since(db, others[longer], "1 hour")
    assert search(rpc, ana)["buddy_user_id"] == others[longer]


def test_of_equally_long_waiting_people_the_smaller_id_is_found(db, rpc, people):
    ana, others = people.add(), [people.add() for _ in range(5)]
    db.execute("update wingman.matchmaking_pool set waiting_since = '2025-01-01'")
    assert search(rpc, ana)["buddy_user_id"] == min(others)


def test_the_next_nearest_is_found_when_the_nearest_pair_is_not_open(db, rpc, people):
    ana, near, far = people.add(), people.add(), people.add(**NORTH)
    make_match(db, ana, near, "declined")
    assert search(rpc, ana)["buddy_user_id"] == far


@pytest.mark.parametrize("theirs", ["beginner", "advanced"])
def test_where_nobody_is_found_there_is_no_distance(db, people, theirs):
    ana, _ = people.add("Ana"), people.add("Ben", theirs, **NORTH)
    row = db.execute(
        "select (f.candidate).user_id is not null as found, f.miles is not null as told"
        " from wingman.matchmaking_pool as s cross join wingman.search_settings as t"
        " cross join lateral wingman.find_candidate(s, 25, t, '{}') as f where s.user_id = %s",
        [ana],
    ).fetchone()
    assert row == {"found": theirs == "beginner", "told": theirs == "beginner"}
