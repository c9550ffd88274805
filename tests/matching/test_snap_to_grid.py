"""Privacy: places are known by grid point before any distance is computed."""

import random

import pytest


def snap(db, degrees, privacy_mode):
    row = db.execute(
        "select wingman.snap_to_grid(%s::double precision, %s) as g", [degrees, privacy_mode]
    ).fetchone()
    return row["g"]


@pytest.mark.parametrize(
    ("degrees", "precise", "city_only"),
    [
        (38.7223, 3872, 3870),
        (-9.1393, -914, -910),
        (38.7251, 3873, 3870),
        (38.7501, 3875, 3880),
        (-38.7501, -3875, -3880),
        (0.0049, 0, 0),
        (-0.0049, 0, 0),
        (0.0501, 5, 10),
        (89.999, 9000, 9000),
        (-180.0, -18000, -18000),
        (179.996, 18000, 18000),
    ],
)
def test_a_place_moves_to_its_nearest_grid_point(db, degrees, precise, city_only):
    assert snap(db, degrees, "precise") == precise
    assert snap(db, degrees, "city_only") == city_only


def test_a_place_moves_by_half_a_cell_at_most(db):
    world = random.Random(2)
    for _ in range(200):
        degrees = world.uniform(-180, 180)
        assert abs(snap(db, degrees, "precise") - degrees * 100) <= 0.5 + 1e-6
        city = snap(db, degrees, "city_only")
        assert city % 10 == 0
        assert abs(city - degrees * 100) <= 5 + 1e-6


CITY = {"privacy_mode": "city_only", "city": "Lisboa"}
CASES = {
    # the corners of one cell are 0.9 and 9 miles apart
    "two corners of one fine cell": ((38.7151, -9.1449), {}, (38.7249, -9.1351), {}, 1),
    "two corners of one city cell": ((38.6501, -9.1499), CITY, (38.7499, -9.0501), CITY, 1),
    # 70 feet apart, on two sides of a border
    "two sides of a border of fine cells": ((38.7249, -9.14), {}, (38.7251, -9.14), {}, 1),
    "two sides of a border of city cells": ((38.7499, -9.1), CITY, (38.7501, -9.1), CITY, 7),
    "a precise and a coarse place at one point": ((38.7499, -9.1), {}, (38.7499, -9.1), CITY, 4),
}


@pytest.mark.parametrize(("one", "mode1", "other", "mode2", "miles"), CASES.values(), ids=CASES)
def test_distances_are_those_of_the_grid_points(rpc, people, one, mode1, other, mode2, miles):
    ana = people.add(lat=one[0], lng=one[1], **mode1)
    people.add(lat=other[0], lng=other[1], **mode2)
    assert rpc.as_user(ana).call("create_automatic_match")["distance_miles"] == miles


def test_the_radius_is_held_against_the_distance_of_the_grid_points(rpc, people):
    ana = people.add(lat=38.7499, lng=-9.1, **CITY)
    people.add(lat=38.7501, lng=-9.1, **CITY)
    caller = rpc.as_user(ana)
    assert caller.call("create_automatic_match", max_radius_miles=6)["success"] is False
    assert caller.call("create_automatic_match", max_radius_miles=7)["success"] is True


@pytest.mark.parametrize(("one", "other"), [((38.7151, -9.1449), (38.7249, -9.1351))])
def test_nobody_can_be_told_apart_inside_a_cell(db, people, one, other):
    people.add(lat=one[0], lng=one[1])
    people.add(lat=other[0], lng=other[1])
    cells = db.execute("select distinct grid_lat, grid_lng from wingman.matchmaking_pool").fetchall()
    assert cells == [{"grid_lat": 3872, "grid_lng": -914}]
