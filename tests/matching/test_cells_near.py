"""The occupied cells within some miles, nearest first, against all of them measured one by one."""

import random

import pytest
from plain_search import miles_between

CENTRES = {
    "a city": (3872, -914),
    "the equator and Greenwich": (0, 0),
    "the date line": (-1680, 17998),
    "on the date line": (1000, 18000),
    "just behind the date line": (6500, -17999),
    "far north": (8500, 17000),
    "at the North Pole": (8993, 4500),
    "the North Pole": (9000, 0),
    "the South Pole": (-9000, 0),
    "100 miles from the South Pole": (-8855, -9000),
    "a little further": (-8856, 9000),
}


def cell(lat, lng):
    """The one cell of a place, as matchmaking_pool has it."""
    lat = max(-9000, min(9000, lat))
    lng = (lng + 18000) % 36000 - 18000
    return lat, 0 if abs(lat) == 9000 else 18000 if lng == -18000 else lng


def occupy(db, cells):
    with db.cursor() as cursor:
        cursor.executemany("insert into wingman.occupied_cells values (%s, %s)", cells)


def near(db, centre, further_than, up_to):
    rows = db.execute("select * from wingman.cells_near(%s, %s, %s, %s)", [*centre, further_than, up_to])
    return [((row["grid_lat"], row["grid_lng"]), row["miles"]) for row in rows]


@pytest.mark.parametrize("centre", CENTRES.values(), ids=CENTRES)
def test_exactly_the_cells_of_a_ring_are_there_nearest_first(db, centre):
    chance = random.Random(str(centre))
    lat, lng = centre
    # as wide in degrees as 150 miles are there
    width = 18000 if abs(lat) > 8800 else 220 * 9000 // (9000 - abs(lat))
    cells = {cell(lat + chance.randint(-220, 220), lng + chance.randint(-width, width)) for _ in range(600)}
    cells |= {cell(lat + north, lng + east) for north in (-1, 0, 1) for east in (-2, -1, 0, 1, 2)}
    cells |= {cell(chance.randint(-9000, 9000), chance.randint(-18000, 18000)) for _ in range(50)}
    occupy(db, cells)
    miles = {other: miles_between(centre, other) for other in cells}
    for _ in range(25):
        up_to = chance.choice([1, 2, 8, 32, 100, chance.randint(1, 100)])
        further_than = chance.choice([-1, 0, chance.randint(0, up_to)])
        found = near(db, centre, further_than, up_to)
        assert dict(found) == {other: m for other, m in miles.items() if further_than < m <= up_to}
        assert [m for _, m in found] == sorted(m for _, m in found)
        assert len(found) == len(dict(found))


@pytest.mark.parametrize("miles", [18, 42])
def test_a_cell_exactly_so_far_is_within_and_not_beyond(db, miles):
    one, other = {18: ((-3550, 2000), (-3550, 2032)), 42: ((2608, 5000), (2647, 5052))}[miles]
    occupy(db, [other])
    assert near(db, one, miles - 1, miles) == [(other, miles)]
    assert near(db, one, miles, 100) == near(db, one, 0, miles - 1) == []


def test_the_own_cell_is_no_miles_away(db):
    occupy(db, [(3872, -914)])
    assert near(db, (3872, -914), -1, 100) == [((3872, -914), 0)]
    assert near(db, (3872, -914), 0, 100) == []


def test_where_nobody_is_there_is_no_cell(db):
    assert near(db, (3872, -914), -1, 100) == []
