"""The figures: what each is, its goal, and how it is taken."""

from collections.abc import Callable
from dataclasses import dataclass

from wingmanmatch.bench.round_trips import count_round_trips
from wingmanmatch.bench.server_time import ServerTime
from wingmanmatch.bench.stage import Measured, Scale, Stage, p99
from wingmanmatch.bench.workloads import (
    ACCEPT,
    CONFIRM,
    CONFIRM_KEY,
    DECLINE,
    FLOOR,
    LEAN_SEED_DESIGN,
    MATCH,
    SEED_DESIGN,
    Workload,
)

Measure = Callable[[Stage], Measured]


@dataclass(frozen=True)
class Figure:
    """A figure and its goal; one without a goal is there to compare with."""

    key: str
    what: str
    measure: Measure
    unit: str = ""
    """Of the thing's and the reference's own values."""
    at_least: float | None = None
    at_most: float | None = None
    is_paired: bool = True
    """Whether it is taken in pairs of turns."""

    def turns(self, scale: Scale) -> int:
        """How many turns it takes."""
        return 2 * (scale.warm_ups + scale.pairs) if self.is_paired else 0

    def is_met(self, value: float) -> bool | None:
        """Whether a value reaches the goal; None where there is none."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    @property
    def goal(self) -> str:
        """The goal as people write it."""
        if self.at_least == self.at_most:
            return "" if self.at_least is None else f"{self.at_least:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else f"≤ {self.at_most:g}"


def against_floor(workload: Workload) -> Measure:
    """What a workload gives a second, compared with the floor."""

    def measure(stage: Stage) -> Measured:
        measured = stage.compare(stage.turns(workload), stage.turns(FLOOR))
        stage.floors += measured.references
        return measured

    return measure


def against_floor_in_a_crowd(workload: Workload) -> Measure:
    """A workload's 99th percentile, compared with the floor's."""

    def measure(stage: Stage) -> Measured:
        crowd = stage.scale.crowd
        return stage.compare(
            stage.turns(workload, clients=crowd, value=p99), stage.turns(FLOOR, clients=crowd, value=p99)
        )

    return measure


def against_seed_design(seed_design: Workload) -> Measure:
    """Our confirmations compared with the seed's, over loopback TCP."""

    def measure(stage: Stage) -> Measured:
        return stage.compare(stage.turns(CONFIRM, tcp=True), stage.turns(seed_design, tcp=True))

    return measure


def growth(stage: Stage) -> Measured:
    """The server's time among many people compared with that among few."""
    many, few = stage.world("spread", stage.scale.people), stage.world("spread", stage.scale.few)
    return stage.compare(ServerTime(many, stage.scale.calls), ServerTime(few, stage.scale.calls))


def dense_growth(stage: Stage) -> Measured:
    """The server's time in one city compared with that all over the world."""
    dense, spread = (stage.world(shape, stage.scale.people) for shape in ("dense", "spread"))
    return stage.compare(ServerTime(dense, stage.scale.calls), ServerTime(spread, stage.scale.calls))


def serve_before(stage: Stage) -> Measured:
    """What the HTTP layer answers a second, compared with the one before the journal."""
    from wingmanmatch.bench.serve import against_before

    return against_before(stage)


def serve_bare(stage: Stage) -> Measured:
    """What the HTTP layer answers a second, compared with its server alone."""
    from wingmanmatch.bench.serve import against_bare

    return against_bare(stage)


def floor(stage: Stage) -> Measured:
    """All turns of the floor that the other figures were compared with."""
    if not stage.floors:
        against_floor(FLOOR)(stage)
    return Measured(stage.floors)


def round_trips(stage: Stage) -> Measured:
    """Round trips of the client's calls."""
    return Measured([float(count) for count in count_round_trips(stage.world("spread", stage.scale.few))])


FLOOR_TPS = Figure("floor_tps", "one durable one-row UPDATE by primary key, a second", floor, is_paired=False)
SERVE_FIGURES = (
    Figure(
        "serve_before_ratio",
        "get_profile by wingman serve ÷ by the one before the journal",
        serve_before,
        "/s",
        at_least=1.8,
    ),
    Figure("serve_bare_ratio", "the same ÷ an ASGI application that makes no call", serve_bare, "/s"),
)
"""They need the HTTP layer, and the first a clone with its history."""
FIGURES = (
    FLOOR_TPS,
    Figure("match_ratio_1m", "calls that make a match ÷ floor", against_floor(MATCH), "/s", at_least=0.45),
    Figure("match_growth", "server time of a match, many people ÷ few", growth, " µs", at_most=1.5),
    Figure("dense_growth", "server time of a match, one city ÷ the world", dense_growth, " µs", at_most=2.0),
    Figure("respond_ratio", "accepts ÷ floor", against_floor(ACCEPT), "/s", at_least=0.5),
    Figure("decline_ratio", "declines with next match ÷ floor", against_floor(DECLINE), "/s", at_least=0.35),
    Figure("confirm_ratio", "confirmations ÷ floor", against_floor(CONFIRM), "/s", at_least=0.6),
    Figure(
        "confirm_key_ratio",
        "the same, each with a new key ÷ floor",
        against_floor(CONFIRM_KEY),
        "/s",
        at_least=0.5,
    ),
    Figure(
        "seed_design_ratio",
        "confirmations ÷ the seed's four statements one by one",
        against_seed_design(SEED_DESIGN),
        "/s",
        at_least=1.5,
    ),
    Figure(
        "seed_design_lean_ratio",
        "the same, the seed's fourth statement only where the session is complete",
        against_seed_design(LEAN_SEED_DESIGN),
        "/s",
    ),
    Figure(
        "python_roundtrips",
        "network round trips of a client's call",
        round_trips,
        "",
        1.0,
        1.0,
        is_paired=False,
    ),
    Figure(
        "p99_ratio_64",
        "99th percentile of a confirmation among 64 clients ÷ the floor's",
        against_floor_in_a_crowd(CONFIRM),
        " µs",
        at_most=2.0,
    ),
    *SERVE_FIGURES,
)
