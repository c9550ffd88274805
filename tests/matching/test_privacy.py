"""No sequence of calls reveals more of a place than its grid point, or who has blocked whom."""

import random
from math import cos, hypot, pi, radians, sqrt
from statistics import median
from uuid import UUID

import pytest
from attacker import READABLE, Attacker, whole_miles, without_ids_and_times
from harness import Connection, Rpc
from plain_search import EARTH_RADIUS_MILES, GridPoint
from rows import lift_rate_limits, make_match

METRES = 1609.344 * radians(1) * EARTH_RADIUS_MILES
EVE, MALLORY, PIA = (UUID(int=2**100 + n) for n in range(3))
LISBON = (38.7223, -9.1393)
# by privacy mode: a cell's middle and its width in degrees
CELLS = {"precise": ((38.72, -9.14), 0.01), "city_only": ((38.7, -9.1), 0.1)}

Place = tuple[float, float]


def settle(db: Connection, rpc: Rpc, user_id: UUID, place: Place, **profile: object) -> None:
    """Make somebody, with an id that is the same in every world."""
    db.execute("insert into auth.users (id) values (%s)", [user_id])
    lat, lng = place
    details = {"first_name": "Somebody", "experience_level": "intermediate", "city": "Lisboa", **profile}
    rpc.as_user(user_id).call("complete_profile", lat=lat, lng=lng, **details)


def settle_eve(db: Connection, rpc: Rpc, place: Place, privacy_mode: str) -> None:
    """Let there be a victim who can be found from far away."""
    settle(db, rpc, EVE, place, privacy_mode=privacy_mode, max_travel_miles=100)


def forget(db: Connection) -> None:
    """Leave nobody, and nothing of what was between them."""
    with db.transaction():
        db.execute("set local session_replication_role = replica")
        for table in ("match_searches", "matchmaking_pool", "occupied_cells"):
            db.execute(f"delete from wingman.{table}")
        for table in READABLE:
            db.execute(f"delete from public.{table}")
        db.execute("delete from auth.users")


def somewhere_in(middle: Place, width: float, chance: random.Random) -> Place:
    # not on the border itself
    half = 0.499 * width
    return middle[0] + chance.uniform(-half, half), middle[1] + chance.uniform(-half, half)


def metres(one: Place, other: Place) -> float:
    north, east = other[0] - one[0], other[1] - one[1]
    return METRES * hypot(north, east * cos(radians(one[0])))


def attack(db: Connection, rpc: Rpc, privacy_mode: str) -> tuple[set[GridPoint], list[object]]:
    """Ask from the most informative places until there is nothing left to learn, then match from all around.

    Returns:
        Where the victim may be by then, and all that the attacker has heard.
    """
    lift_rate_limits(db)
    (lat, lng), _ = CELLS[privacy_mode]
    # the region is known, give or take some miles
    middle = round(lat * 100) + 13, round(lng * 100) - 17
    attacker = Attacker(db, rpc)
    possible = attacker.locate(middle, reach=25)
    for north, east in ((3, 0), (0, 40), (-100, 7)):
        here = middle[0] + north, middle[1] + east
        miles = attacker.miles_by_matching(here, EVE)
        possible = {point for point in possible if whole_miles(here, point) == miles}
    return possible, without_ids_and_times(attacker.heard)


@pytest.mark.representatives("precise")
@pytest.mark.parametrize("privacy_mode", CELLS)
def test_the_attack_finds_the_grid_point_and_no_more(db: Connection, rpc: Rpc, privacy_mode: str) -> None:
    middle, width = CELLS[privacy_mode]
    chance = random.Random(3)
    settle_eve(db, rpc, somewhere_in(middle, width, chance), privacy_mode)
    possible, _ = attack(db, rpc, privacy_mode)
    # good as the attack is, it knows the cell and nothing of where in it
    (found,) = ((lat / 100, lng / 100) for lat, lng in possible)
    assert found == pytest.approx(middle)
    homes = [somewhere_in(middle, width, chance) for _ in range(4000)]
    left = median(metres(found, home) for home in homes)
    print(f"{privacy_mode}: the attack is left with an error of {left:.0f} m (median)")
    # half of the cell lies outside a circle of this radius around its middle
    north, east = METRES * width, METRES * width * cos(radians(middle[0]))
    assert left == pytest.approx(sqrt(north * east / (2 * pi)), rel=0.03)


@pytest.mark.representatives("precise")
@pytest.mark.parametrize("privacy_mode", CELLS)
def test_two_places_in_one_cell_are_the_same_to_an_attacker(
    db: Connection, rpc: Rpc, privacy_mode: str
) -> None:
    (lat, lng), width = CELLS[privacy_mode]
    heard = []
    for corner in (0.499, -0.499):
        settle_eve(db, rpc, (lat + corner * width, lng - corner * width), privacy_mode)
        heard.append(attack(db, rpc, privacy_mode)[1])
        forget(db)
    assert len(heard[0]) > 100
    assert heard[0] == heard[1]


@pytest.mark.representatives("precise")
@pytest.mark.parametrize("privacy_mode", CELLS)
def test_two_cells_are_not_the_same_to_an_attacker(db: Connection, rpc: Rpc, privacy_mode: str) -> None:
    """That the attack hears everything there is to hear."""
    (lat, lng), width = CELLS[privacy_mode]
    heard = []
    for cell in (0, 1):
        settle_eve(db, rpc, (lat + cell * width, lng), privacy_mode)
        heard.append(attack(db, rpc, privacy_mode)[1])
        forget(db)
    assert heard[0] != heard[1]


# A block tells nobody more than a pause does.

BETWEEN = [None, "pending", "accepted", "declined"]
# where Mallory is and what, to Eve, who is of the highest level and goes 10 miles
PROFILES = {
    "fitting": (LISBON, "intermediate"),
    "too far for her": ((39.0, -9.1393), "intermediate"),
    "of another level": (LISBON, "beginner"),
    "too far and of another level": ((39.0, -9.1393), "beginner"),
}


def block(rpc: Rpc, match_id: UUID | None) -> None:
    rpc.as_user(EVE).call("block_user", subject_id=MALLORY)


def part_and_pause(rpc: Rpc, match_id: UUID | None) -> None:
    eve = rpc.as_user(EVE)
    # first, or her decline would bring a next match
    eve.call("pause_matching")
    match match_id and eve.call("get_match", match_id=match_id):
        case {"status": "pending"}:
            eve.call("respond_to_match", match_id=match_id, action="decline")
        case {"status": "accepted"}:
            eve.call("end_match", match_id=match_id)


@pytest.mark.representatives(
    "None-fitting",
    "pending-of another level",
    "accepted-too far for her",
    "declined-too far and of another level",
)
@pytest.mark.parametrize(("place", "level"), PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("between", BETWEEN)
def test_a_block_looks_like_a_pause(
    db: Connection, rpc: Rpc, between: str | None, place: Place, level: str
) -> None:
    heard = []
    for goes in (block, part_and_pause):
        settle(db, rpc, MALLORY, place, experience_level=level, max_travel_miles=100)
        for user_id in (EVE, PIA):
            settle(db, rpc, user_id, LISBON, experience_level="advanced", max_travel_miles=10)
        match_id = make_match(db, MALLORY, EVE, between) if between else None
        goes(rpc, match_id)
        heard.append(all_that_mallory_hears(db, rpc, match_id))
        forget(db)
    assert heard[0] == heard[1]


def all_that_mallory_hears(db: Connection, rpc: Rpc, match_id: UUID | None) -> object:
    attacker, mallory = Attacker(db, rpc), rpc.as_user(MALLORY)
    if match_id:
        attacker.look_around(mallory, match_id, EVE)
    for radius in (1, 25, 100):
        attacker.call(mallory, "why_no_match", max_radius_miles=radius)
    attacker.call(mallory, "create_automatic_match", max_radius_miles=100)
    return without_ids_and_times(attacker.heard)
