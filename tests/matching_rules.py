"""The rules of matching once more, in plain Python.

When each keeps two people apart, how to bring that about, and what is said of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from harness import Connection, People, Rpc
from matchmaking import pause
from rows import make_match

TOWN = {"lat": 41.1496, "lng": -8.6110}
"""170 miles from everybody else."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """All that matching asks of a seeker and of somebody who might be offered."""

    paused: bool
    has_pending_match: bool
    suspended: bool
    miles: float
    radius: int
    travel: int
    levels_apart: int
    level_tolerance: int
    exposures: int
    exposure_limit: int
    are_blocked: bool
    are_partners: bool
    met_recently: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """All that is told of the search that made a match."""

    distance_miles: int
    radius_miles: int
    candidate_travel_miles: int
    candidate_exposures: int
    exposure_limit: int
    level_difference: int
    level_tolerance: int
    rematch_hours: int


Arranged = Callable[[Connection, Rpc, People, UUID], UUID]
"""Brings somebody whom a rule keeps from being offered to a seeker within 25 miles; returns who it is."""


@dataclass(frozen=True)
class Rule:
    """One row of the vocabulary."""

    obstacle: str
    keeps_apart: Callable[[Pair], bool]
    arranged: tuple[Arranged, ...]
    rule: str
    counted_as: str | None
    told: Callable[[Found], str] | None = None
    """What ``explain_match`` says to the person who searched; None where another rule says it."""
    told_found: Callable[[Found], str] | None = None
    """What it says to the person who was found; None: the same."""


def paused(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    pause(db, ben)
    return ben


def in_a_pending_match(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    make_match(db, ben, people.add(**TOWN), "pending")
    return ben


def suspended(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    db.execute("insert into wingman.suspensions (user_id) values (%s)", [ben])
    return ben


def suspended_for_a_day(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    db.execute(
        "insert into wingman.suspensions (user_id, ends_at)"
        " values (%s, statement_timestamp() + interval '1 day')",
        [ben],
    )
    return ben


def far_away(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    return people.add(**TOWN)


def staying_nearby(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    return people.add(lat=38.80, max_travel_miles=5)


def of_another_level(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    return people.add(experience_level="advanced")


def found_often(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    db.execute(
        "update wingman.matchmaking_pool set exposures = array_fill(statement_timestamp(), array[10])"
        " where user_id = %s",
        [ben],
    )
    return ben


def met_before(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    make_match(db, ana, ben, "declined")
    return ben


def a_partner(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    make_match(db, ana, ben, "accepted")
    return ben


def blocked_by_me(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    rpc.as_user(ana).call("block_user", subject_id=ben)
    return ben


def blocked_by_them(db: Connection, rpc: Rpc, people: People, ana: UUID) -> UUID:
    ben = people.add()
    rpc.as_user(ben).call("block_user", subject_id=ana)
    return ben


def _distance(found: Found, limit: int) -> str:
    return (
        f"At most {found.distance_miles} miles apart, within your {limit} miles and as far as your buddy goes"
    )


RULES = (
    Rule(
        "paused",
        lambda pair: pair.paused,
        (paused,),
        "available",
        "unavailable",
        lambda found: "Both of you were free and not paused",
    ),
    Rule(
        "has_pending_match",
        lambda pair: pair.has_pending_match,
        (in_a_pending_match,),
        "available",
        "unavailable",
    ),
    Rule(
        "suspended",
        lambda pair: pair.suspended,
        (suspended, suspended_for_a_day),
        "available",
        # like a block, a suspension must look like any other absence
        "unavailable",
    ),
    Rule(
        "too_far",
        lambda pair: pair.miles > pair.radius,
        (far_away,),
        "distance",
        None,
        lambda found: _distance(found, found.radius_miles),
        lambda found: _distance(found, found.candidate_travel_miles),
    ),
    Rule(
        "too_far_for_them",
        lambda pair: pair.miles > pair.travel,
        (staying_nearby,),
        "distance",
        "too_far_for_them",
    ),
    Rule(
        "level",
        lambda pair: pair.levels_apart > pair.level_tolerance,
        (of_another_level,),
        "level",
        "level",
        lambda found: f"Experience levels {found.level_difference} apart, {found.level_tolerance} allowed",
    ),
    Rule(
        "found_often",
        lambda pair: pair.exposures >= pair.exposure_limit,
        (found_often,),
        "exposure",
        "unavailable",
        lambda found: "Your buddy had not been found by too many others lately",
        lambda found: (
            f"You had been found {found.candidate_exposures} times lately, "
            f"at most {found.exposure_limit} are allowed"
        ),
    ),
    Rule(
        "met_recently",
        lambda pair: pair.met_recently and not pair.are_partners and not pair.are_blocked,
        (met_before,),
        "met_recently",
        "met_recently",
        lambda found: f"You two had not been matched in the {found.rematch_hours} hours before",
    ),
    Rule(
        "partners",
        lambda pair: pair.are_partners and not pair.are_blocked,
        (a_partner,),
        "partners",
        "partners",
        lambda found: "You two had no accepted match that was still open",
    ),
    Rule(
        "blocked",
        lambda pair: pair.are_blocked,
        (blocked_by_me, blocked_by_them),
        "blocked",
        # a block must look like any other absence
        "unavailable",
        lambda found: "Neither of you had blocked the other",
    ),
)
COUNTED_AS = {rule.obstacle: rule.counted_as for rule in RULES}


def obstacle(pair: Pair) -> str | None:
    """The first rule that keeps two people apart."""
    return next((rule.obstacle for rule in RULES if rule.keeps_apart(pair)), None)


def told(found: Found, *, searched: bool) -> list[dict[str, object]]:
    """What ``explain_match`` says of the rules to one of the two people."""
    return [{"rule": rule, "passed": True, "detail": text} for rule, text in _texts(found, searched)]


def _texts(found: Found, searched: bool) -> Iterable[tuple[str, str]]:
    for rule in RULES:
        if rule.told:
            words = rule.told if searched else rule.told_found or rule.told
            yield rule.rule, words(found)
