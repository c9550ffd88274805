"""Small worlds in which much can go wrong: clusters, poles, the date line, ties, times on the very border."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from matching_rules import Pair
from plain_search import GridPoint, grid_point, level_tolerance, miles_between

REMATCH_AFTER = timedelta(days=7)
EXPOSURE_WINDOW = timedelta(hours=24)


@dataclass
class Person:
    """Somebody who can be matched. Times are told by how long ago they were."""

    id: UUID
    lat: float
    lng: float
    privacy_mode: str
    level: int
    travel: int
    waited: timedelta
    pause: str | None
    suspended: timedelta | str | None
    """For how much longer; ``without end``; None: not at all."""
    cooldown: timedelta | None
    """For how much longer this person cannot search."""
    exposures: list[timedelta]

    @property
    def point(self) -> GridPoint:
        return grid_point(self.lat, self.lng, self.privacy_mode)

    @property
    def is_suspended(self) -> bool:
        if isinstance(self.suspended, timedelta):
            return self.suspended > timedelta()
        return self.suspended is not None

    @property
    def is_cooling_down(self) -> bool:
        return self.cooldown is not None and self.cooldown > timedelta()


@dataclass(frozen=True)
class Meeting:
    """A match of two people, made so long ago: ``ended`` is accepted and ended since."""

    people: frozenset[UUID]
    ago: timedelta
    status: str


@dataclass(frozen=True)
class Search:
    """A search and its outcome: ``undone``, ``kept``, or declined ``by the seeker`` or ``by the buddy``."""

    seeker: UUID
    radius: int | None
    outcome: str


@dataclass
class World:
    """Everybody, and all that matching depends on, at one instant."""

    people: dict[UUID, Person]
    meetings: list[Meeting]
    blocks: set[tuple[UUID, UUID]]
    relaxation: timedelta | None
    exposure_limit: int
    searches: list[Search]

    def pair(self, seeker: Person, other: Person, radius: int, *, has_pending_match: bool) -> Pair:
        """What matching asks of a seeker and of somebody else."""
        met = [meeting for meeting in self.meetings if meeting.people == {seeker.id, other.id}]
        return Pair(
            paused=other.pause is not None,
            has_pending_match=has_pending_match,
            suspended=other.is_suspended,
            miles=miles_between(seeker.point, other.point),
            radius=radius,
            travel=other.travel,
            levels_apart=abs(seeker.level - other.level),
            level_tolerance=level_tolerance(max(seeker.waited, other.waited), self.relaxation),
            exposures=sum(ago < EXPOSURE_WINDOW for ago in other.exposures),
            exposure_limit=self.exposure_limit,
            are_blocked=bool(self.blocks & {(seeker.id, other.id), (other.id, seeker.id)}),
            are_partners=any(meeting.status == "accepted" for meeting in met),
            met_recently=any(meeting.ago < REMATCH_AFTER for meeting in met),
        )

    def rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of tables that are written as they are, after all others."""
        return {
            "public.user_blocks": [
                {"blocker_id": blocker, "blocked_id": blocked} for blocker, blocked in self.blocks
            ]
        }


MOST_PEOPLE = 20
_chance = Random(4)
IDS = [UUID(int=_chance.getrandbits(128), version=4) for _ in range(MOST_PEOPLE)]

A_MICROSECOND = timedelta(microseconds=1)
AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)

# steps in hundredths of a degree: to both sides of 2, 8, 32 and 100 miles, and some at a slant
STEPS = [
    *((0, east) for east in (1, 2, 3, 7)),
    *((north, 0) for north in (1, 2, 3, 11, 12, 46, 47, 144, 145)),
    *((north, east) for north in (-5, 5, 40) for east in (5, 60)),
]
ALONG_THE_EQUATOR = [(0, east) for east in (1, 2, 3, 7, 40, 144, 145)]
AROUND_A_POLE = [(north, east) for north in (0, 1, 5, 140) for east in (3000, 9000, 18000)]
# grid points, and where else people are, as far as in one direction so in the other
TOWNS = {
    (3872, -914): STEPS,
    (0, 0): STEPS,
    (5148, -2): STEPS,
    (6000, 2500): STEPS,
    (-1680, 17998): ALONG_THE_EQUATOR,
    (0, -17999): ALONG_THE_EQUATOR,
    (1000, -18000): STEPS,
    (8500, 17990): STEPS,
    (8995, 0): AROUND_A_POLE,
    (9000, 0): AROUND_A_POLE,
    (-8997, -9000): AROUND_A_POLE,
    (-9000, 18000): AROUND_A_POLE,
    # exactly 18 miles, and 42
    (-3550, 2000): [(0, 32)],
    (2608, 5000): [(39, 52)],
}
MILES = [1, 2, 3, 7, 8, 9, 18, 18, 18, 25, 32, 33, 42, 42, 42, 99, 100]


def around(moment: timedelta) -> list[timedelta]:
    return [moment - A_MICROSECOND, moment, moment + A_MICROSECOND]


WAITS = [timedelta(), *around(AN_HOUR), *around(A_DAY), *around(2 * A_DAY)]
ENDS = [*around(timedelta()), A_DAY]
AGES_OF_EXPOSURES = [AN_HOUR, *around(EXPOSURE_WINDOW)]
AGES_OF_MEETINGS = [AN_HOUR, *around(REMATCH_AFTER), timedelta(days=400)]
STATUSES = ["declined", "expired", "accepted", "ended"]
OUTCOMES = ["undone", "undone", "kept", "by the seeker", "by the buddy"]

# of each kind the plain one first
VARIETY: dict[str, list[Any]] = {
    # within a cell, in thousandths of a degree
    "off": [0, 4, -4],
    "privacy_mode": ["precise", "precise", "city_only"],
    "level": [1, 2, 3],
    "travel": [100, 100, 100, *MILES],
    "pause": [None] * 8 + ["chosen", "automatic"],
    "suspended": [None] * 8 + [*ENDS, "without end", "without end"],
    "cooldown": [None] * 8 + ENDS,
    "exposures": [[], [], *([age] * n for age in AGES_OF_EXPOSURES for n in (1, 2, 3))],
}


@st.composite
def places(draw: st.DrawFn) -> list[tuple[int, int]]:
    """A town or two, and a few places as far from it in one direction as in the other."""
    towns = draw(st.lists(st.sampled_from([*TOWNS]), min_size=1, max_size=draw(st.sampled_from([1, 1, 2]))))
    around_towns = []
    for lat, lng in towns:
        steps = draw(
            st.lists(st.sampled_from(TOWNS[lat, lng]), min_size=1, max_size=draw(st.sampled_from([1, 1, 3])))
        )
        around_towns += [(lat + sign * north, lng + sign * east) for north, east in steps for sign in (1, -1)]
    return [*towns, *around_towns]


@st.composite
def variety(draw: st.DrawFn) -> dict[str, list[Any]]:
    """In what the people of a world differ: in all of it, and few would ever be matched."""
    differing = draw(st.sets(st.sampled_from([*VARIETY]), min_size=1))
    return {name: every if name in differing else every[:1] for name, every in VARIETY.items()} | {
        "place": draw(places()),
        "waited": draw(st.lists(st.sampled_from(WAITS), min_size=1, max_size=4)),
    }


@st.composite
def people(draw: st.DrawFn, user_id: UUID, variety: dict[str, list[Any]]) -> Person:
    drawn = {name: draw(st.sampled_from(values)) for name, values in variety.items()}
    (lat, lng), off = drawn.pop("place"), drawn.pop("off")
    return Person(
        id=user_id,
        lat=max(-90000, min(90000, 10 * lat + off)) / 1000,
        lng=((10 * lng + off + 180000) % 360000 - 180000) / 1000,
        exposures=sorted(drawn.pop("exposures"), reverse=True),
        **drawn,
    )


@st.composite
def meetings(draw: st.DrawFn, ids: list[UUID]) -> list[Meeting]:
    pair = st.lists(st.sampled_from(ids), min_size=2, max_size=2, unique=True).map(frozenset)
    past = st.builds(Meeting, pair, st.sampled_from(AGES_OF_MEETINGS), st.sampled_from(STATUSES))
    pending: list[Meeting] = []
    for people in draw(st.lists(pair, max_size=2)):
        if not any(people & other.people for other in pending):
            pending.append(Meeting(people, AN_HOUR, "pending"))
    return [*draw(st.lists(past, max_size=12)), *pending]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    ids = IDS[: draw(st.integers(2, MOST_PEOPLE))]
    one = st.sampled_from(ids)
    here = draw(variety())
    middle = here | {"place": here["place"][:1]}
    # the first one, who searches most, is in the middle: others are equally near on two sides
    everybody = [draw(people(user_id, middle if user_id == ids[0] else here)) for user_id in ids]
    seekers = st.sampled_from([ids[0]] * (len(ids) // 3) + ids)
    met = draw(meetings(ids))
    for person in everybody:
        # a suspension ends the pending match
        if any(meeting.status == "pending" and person.id in meeting.people for meeting in met):
            person.suspended = None
    return World(
        people={person.id: person for person in everybody},
        meetings=met,
        blocks={(a, b) for a, b in draw(st.lists(st.tuples(one, one), max_size=4)) if a != b},
        relaxation=draw(st.sampled_from([AN_HOUR, A_DAY, None])),
        exposure_limit=draw(st.integers(1, 3)),
        searches=draw(
            st.lists(
                st.builds(Search, seekers, st.sampled_from([None, 100, *MILES]), st.sampled_from(OUTCOMES)),
                min_size=6,
                max_size=15,
            )
        ),
    )
