"""The search against a plain search over a whole random world, one searcher after the other."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import asin, ceil, cos, radians, sin, sqrt
from uuid import UUID

import pytest

LEVELS = ["beginner", "intermediate", "advanced"]
# (lat, lng): two towns in reach of each other, one on the antimeridian, one at each pole, one at (0, 0)
TOWNS = [(38.72, -9.14), (39.30, -9.00), (-16.80, 179.98), (89.95, 0.0), (-89.95, 0.0), (0.0, 0.0)]
NOW = datetime.now(UTC)
WEEK = timedelta(days=7)


@dataclass
class Person:
    id: UUID
    level: int
    lat: float
    lng: float
    privacy_mode: str
    travel: int
    waiting_since: datetime
    paused: bool
    taken: bool = False
    closed_to: set[UUID] = field(default_factory=set)

    @property
    def place(self) -> tuple[float, float]:
        grid = 0.1 if self.privacy_mode == "city_only" else 0.01
        return round(self.lat / grid) * grid, round(self.lng / grid) * grid


@dataclass
class PastMatch:
    one: Person
    other: Person
    created_at: datetime
    status: str
    ended: bool

    @property
    def closes(self) -> bool:
        return NOW - self.created_at < WEEK or (self.status == "accepted" and not self.ended)


def miles_between(one: Person, other: Person) -> float:
    (lat1, lng1), (lat2, lng2) = ((radians(x) for x in person.place) for person in (one, other))
    chord = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lng2 - lng1) / 2) ** 2
    return 2 * 3958.7613 * asin(min(1.0, sqrt(chord)))


def best(seeker: Person, world: list[Person], radius: int) -> tuple[Person, int] | None:
    """Who must be found, and the miles that must be told."""
    fitting = [
        # equal distances that were reached by other sums differ in their last digits
        (round(miles, 6), person.waiting_since, person.id, person)
        for person in world
        if person is not seeker
        and not person.taken
        and not person.paused
        and abs(person.level - seeker.level) <= 1
        and person.id not in seeker.closed_to
        and (miles := miles_between(seeker, person)) <= min(radius, person.travel)
    ]
    if not fitting:
        return None
    miles, *_, person = min(fitting)
    return person, max(1, ceil(miles))


def random_world(chance: random.Random) -> tuple[list[Person], list[PastMatch]]:
    people = [random_person(chance) for _ in range(60)]
    past = [random_match(chance, *chance.sample(people, 2)) for _ in range(150)]
    for match in past:
        if match.closes:
            match.one.closed_to.add(match.other.id)
            match.other.closed_to.add(match.one.id)
    return people, past


def random_person(chance: random.Random) -> Person:
    lat, lng = chance.choices(TOWNS, weights=[8, 4, 3, 1, 1, 2])[0]
    # few cells and few waiting times, so that there are ties
    spread = chance.choice([0.02, 0.3])
    lng += chance.uniform(-180, 180) if abs(lat) > 89 else chance.uniform(-spread, spread)
    return Person(
        id=UUID(int=chance.getrandbits(128), version=4),
        level=chance.randrange(3),
        lat=max(-90.0, min(90.0, lat + chance.uniform(-spread, spread))),
        lng=(lng + 180) % 360 - 180,
        privacy_mode=chance.choice(["precise", "precise", "city_only"]),
        travel=chance.choice([1, 5, 25, 60, 100]),
        waiting_since=NOW - timedelta(days=chance.randrange(3)),
        paused=chance.random() < 0.1,
    )


def random_match(chance: random.Random, one: Person, other: Person) -> PastMatch:
    status = chance.choice(["accepted", "declined", "expired"])
    # hours from the border of 7 days, so that the clock of the test does not matter
    created_at = NOW - timedelta(days=chance.choice([1, 6, 8, 40]))
    return PastMatch(one, other, created_at, status, ended=status == "accepted" and chance.random() < 0.7)


def write(db, world: list[Person], past: list[PastMatch]) -> None:
    with db.cursor() as cursor:
        cursor.executemany("insert into auth.users (id) values (%s)", [[p.id] for p in world])
        cursor.executemany(
            "insert into public.user_profiles (id, first_name, experience_level) values (%s, 'Somebody', %s)",
            [[p.id, LEVELS[p.level]] for p in world],
        )
        cursor.executemany(
            "insert into public.user_locations (user_id, lat, lng, city, privacy_mode, max_travel_miles)"
            " values (%s, %s, %s, 'Town', %s, %s)",
            [[p.id, p.lat, p.lng, p.privacy_mode, p.travel] for p in world],
        )
        for match in past:
            write_match(cursor, match)
        cursor.executemany(
            "update wingman.match_seekers set waiting_since = %s, paused = %s where user_id = %s",
            [[p.waiting_since, p.paused, p.id] for p in world],
        )


def write_match(cursor, match: PastMatch) -> None:
    user1, user2 = sorted((match.one.id, match.other.id))
    cursor.execute(
        "insert into public.wingman_matches"
        " (user1_id, user2_id, user1_reputation, user2_reputation, distance_miles, created_at, expires_at)"
        " values (%(user1)s, %(user2)s, 0, 0, 1, %(created_at)s, %(expires_at)s)"
        " returning id",
        {
            "user1": user1,
            "user2": user2,
            "created_at": match.created_at,
            "expires_at": match.created_at + timedelta(hours=48),
        },
    )
    match_id = cursor.fetchone()["id"]
    answered = None if match.status == "expired" else user1
    cursor.execute(
        "update public.wingman_matches set status = %s, responded_by = %s, responded_at = %s where id = %s",
        [match.status, answered, answered and NOW, match_id],
    )
    if match.ended:
        cursor.execute("update public.wingman_matches set ended_at = %s where id = %s", [NOW, match_id])


@pytest.mark.parametrize("seed", range(6))
def test_every_searcher_gets_the_one_whom_a_plain_search_finds(db, rpc, seed):
    chance = random.Random(seed)
    world, past = random_world(chance)
    write(db, world, past)
    service = rpc.as_service()
    found = none = 0
    for seeker in chance.sample(world, len(world)):
        if seeker.taken or seeker.paused:
            continue
        radius = chance.choice([None, None, 1, 10, 50, 100])
        expected = best(seeker, world, radius or seeker.travel)
        answer = service.call("create_automatic_match", max_radius_miles=radius, user_id=seeker.id)
        if expected is None:
            none += 1
            assert answer["success"] is False
            continue
        found += 1
        buddy, miles = expected
        assert (answer["buddy_user_id"], answer["distance_miles"]) == (buddy.id, miles)
        seeker.taken = buddy.taken = True
    assert found >= 8
    assert none >= 4

    rows = db.execute(
        "select user1_id, user2_id from public.wingman_matches where status = 'pending'"
    ).fetchall()
    assert len(rows) == found
    assert {user_id for row in rows for user_id in row.values()} == {p.id for p in world if p.taken}
