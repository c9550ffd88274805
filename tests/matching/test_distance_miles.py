"""Distances: great circles between grid points, told in whole miles."""

import random
from math import atan2, cos, hypot, radians, sin

import pytest

EARTH = 3958.7613
PLACES = {
    "same point": ((38.72, -9.14), (38.72, -9.14)),
    "Lisbon to Porto": ((38.72, -9.14), (41.15, -8.61)),
    "across the antimeridian": ((-16.80, 179.99), (-16.80, -179.99)),
    "the antimeridian itself": ((10.0, 180.0), (10.0, -180.0)),
    "across Greenwich": ((51.48, -0.01), (51.48, 0.01)),
    "across the equator": ((-0.01, 36.8), (0.01, 36.8)),
    "at the North Pole": ((90.0, 0.0), (90.0, 135.0)),
    "over the North Pole": ((89.99, 0.0), (89.99, 180.0)),
    "over the South Pole": ((-89.9, 45.0), (-89.9, -135.0)),
    "antipodes": ((12.34, 56.78), (-12.34, -123.22)),
    "half the equator": ((0.0, -90.0), (0.0, 90.0)),
}
NEIGHBOURS = {
    "antimeridian": ((-16.80, 179.99), (-16.80, -179.99), 2),
    "North Pole": ((89.99, 0.0), (89.99, 180.0), 2),
    "South Pole": ((-89.97, 10.0), (-89.97, -170.0), 5),
    "the pole itself": ((90.0, 0.0), (90.0, 135.0), 1),
    "equator": ((-0.02, 36.8), (0.02, 36.8), 3),
    "Greenwich": ((51.48, -0.05), (51.48, 0.05), 5),
}


def great_circle(one, other):
    """By Vincenty's formula on a sphere, exact at every distance and unlike the haversine."""
    lat1, lat2, lng = radians(one[0]), radians(other[0]), radians(other[1] - one[1])
    across = hypot(cos(lat2) * sin(lng), cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(lng))
    along = sin(lat1) * sin(lat2) + cos(lat1) * cos(lat2) * cos(lng)
    return EARTH * atan2(across, along)


def distance(db, one, other):
    points = [round(degrees * 100) for degrees in (*one, *other)]
    return db.execute("select wingman.distance_miles(%s, %s, %s, %s) as d", points).fetchone()["d"]


@pytest.mark.parametrize(("one", "other"), PLACES.values(), ids=PLACES)
def test_the_distance_is_the_great_circle_both_ways(db, one, other):
    expected = pytest.approx(great_circle(one, other), rel=1e-7, abs=1e-6)
    assert distance(db, one, other) == expected
    assert distance(db, other, one) == expected


def test_the_distance_is_the_great_circle_anywhere(db):
    world = random.Random(1)
    for _ in range(300):
        one, other = (
            (world.randint(-9000, 9000) / 100, world.randint(-18000, 18000) / 100) for _ in range(2)
        )
        assert distance(db, one, other) == pytest.approx(great_circle(one, other), rel=1e-7, abs=1e-6)


@pytest.mark.parametrize(("one", "other", "miles"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_neighbours_find_each_other_anywhere(rpc, people, one, other, miles):
    ana = people.add(lat=one[0], lng=one[1])
    ben = people.add(lat=other[0], lng=other[1])
    caller = rpc.as_user(ana)
    if miles > 1:
        assert caller.call("create_automatic_match", max_radius_miles=miles - 1)["success"] is False
    answer = caller.call("create_automatic_match", max_radius_miles=miles)
    assert (answer["buddy_user_id"], answer["distance_miles"]) == (ben, miles)


@pytest.mark.parametrize(
    ("miles", "shown"),
    [(0, 1), (1e-9, 1), (0.5, 1), (1, 1), (1.000001, 2), (6.91, 7), (7, 7), (99.2, 100), (100, 100)],
)
def test_a_distance_is_shown_rounded_up_and_at_least_1(db, miles, shown):
    row = db.execute("select wingman.shown_miles(%s::double precision) as miles", [miles]).fetchone()
    assert row == {"miles": shown}
