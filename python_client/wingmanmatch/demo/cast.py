"""Who plays the story, and the time that they go by."""

import random
from datetime import UTC, datetime
from time import sleep
from uuid import UUID

from rich.console import Console
from rich.markup import escape

from wingmanmatch import WingmanClient
from wingmanmatch.demo.people import FIRST_NAMES, City, Person, cities, person
from wingmanmatch.models import ExperienceLevel

LARGEST_CITIES = 25
LEVELS: tuple[ExperienceLevel, ...] = ("intermediate", "beginner", "intermediate")


class Actor:
    """A person of the story, and the client that acts as them."""

    def __init__(self, client: WingmanClient, user_id: UUID, name: str) -> None:
        self.id = user_id
        self.name = escape(name)
        self.api = client.as_user(user_id)


class Clock:
    """The database's clock, which decides; ours may be wrong."""

    def __init__(self, database_time: datetime) -> None:
        # The reading is as old as its way back from the database, so this clock is never ahead of it.
        self.offset = database_time - datetime.now(UTC)

    def now(self) -> datetime:
        """The time on the database's clock, or a moment before."""
        return datetime.now(UTC) + self.offset


def cast_of_three(rng: random.Random) -> list[Person]:
    """Three newcomers in one of the world's largest cities, any two of whom can be matched."""
    city = rng.choice(cities()[:LARGEST_CITIES])
    names = rng.sample(FIRST_NAMES, len(LEVELS))
    return [
        newcomer(rng, city, number, name, level)
        for number, (name, level) in enumerate(zip(names, LEVELS, strict=True))
    ]


def two_more(rng: random.Random, cast: list[Person]) -> list[Person]:
    """Two more newcomers in the city of the cast, with other names, who can be matched."""
    taken = {one.first_name for one in cast}
    names = rng.sample([name for name in FIRST_NAMES if name not in taken], 2)
    return [
        newcomer(rng, cast[0].city, number, name, level)
        for number, (name, level) in enumerate(zip(names, LEVELS, strict=False), len(cast))
    ]


def newcomer(rng: random.Random, city: City, number: int, name: str, level: ExperienceLevel) -> Person:
    """Somebody in the city who goes far to meet others."""
    return person(rng, city, number)._replace(
        first_name=name, experience_level=level, privacy_mode="precise", max_travel_miles=50
    )


def wait_for(console: Console, moment: datetime, clock: Clock) -> None:
    """Count down to ``moment``."""
    with console.status("") as status:
        while (left := (moment - clock.now()).total_seconds()) > 0:
            status.update(f"The session begins in {left:.1f} s")
            sleep(min(left, 0.1))
