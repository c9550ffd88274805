"""The made-up people: always the same ones, in real places, in proportion to population."""

import math
import random
from collections import Counter

import pytest
from wingmanmatch.demo.people import (
    EARTH_RADIUS_MILES,
    FIRST_NAMES,
    SCATTER_MILES,
    cities,
    people,
    scatter,
    time_ordered_id,
)


def miles_between(a: tuple[float, float], b: tuple[float, float]) -> float:
    lat_a, lng_a, lat_b, lng_b = map(math.radians, (*a, *b))
    haversine = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_MILES * math.asin(math.sqrt(haversine))


def test_the_same_seed_makes_the_same_people():
    assert list(people(500, seed=7)) == list(people(500, seed=7))


def test_a_larger_count_only_adds_people():
    assert list(people(500, seed=7))[:100] == list(people(100, seed=7))


def test_another_seed_makes_other_people():
    assert not {person.id for person in people(500, seed=7)} & {person.id for person in people(500, seed=8)}


def test_ids_are_ordered_version_7():
    ids = [time_ordered_id(random.Random(number), number) for number in range(200)]
    assert ids == sorted(ids)
    assert {(id.version, id.variant) for id in ids} == {(7, "specified in RFC 4122")}


def test_cities_are_real_and_ranked_by_population():
    populations = [city.population for city in cities()]
    assert len(populations) > 30_000
    assert populations == sorted(populations, reverse=True)
    assert "Lisbon" in {city.name for city in cities() if city.country == "PT"}


def test_people_are_spread_by_population():
    count = 50_000
    found = Counter(person.city for person in people(count, seed=1))
    inhabitants = sum(city.population for city in cities())
    for city in cities()[:40]:
        expected = count * city.population / inhabitants
        assert found[city] == pytest.approx(expected, abs=4 * math.sqrt(expected)), city.name


def test_people_live_around_their_city():
    for person in people(5_000, seed=1):
        assert -90 <= person.lat <= 90
        assert -180 <= person.lng <= 180
        assert miles_between((person.lat, person.lng), (person.city.lat, person.city.lng)) < 6 * SCATTER_MILES


@pytest.mark.parametrize(
    "place",
    [(0, 0), (51.48, 0), (78.22, 15.63), (-16.5, 179.99), (52, -179.99), (89.99, 10), (-90, 0)],
    ids=["equator", "Greenwich", "Svalbard", "west of the date line", "east of it", "near a pole", "pole"],
)
def test_the_scatter_is_equally_wide_everywhere(place):
    rng = random.Random(1)
    places = [scatter(rng, *place) for _ in range(5_000)]
    assert all(-90 <= lat <= 90 and -180 <= lng <= 180 for lat, lng in places)
    mean = sum(miles_between(place, other) for other in places) / len(places)
    assert mean == pytest.approx(SCATTER_MILES * math.sqrt(math.pi / 2), rel=0.03)
    northern = sum(lat > place[0] for lat, _ in places) / len(places)
    assert northern == pytest.approx(0.5 if abs(place[0]) < 80 else 1 if place[0] < 0 else 0, abs=0.1)


def test_first_names_are_many_and_different():
    assert len(set(FIRST_NAMES)) == len(FIRST_NAMES) > 80
