"""The figures: what each is, its goal, and how it is measured."""

from collections.abc import Callable
from dataclasses import dataclass

from wingmanmatch.tools.bench.instructions import BUDGETS, WHATS
from wingmanmatch.tools.bench.round_trips import count_round_trips
from wingmanmatch.tools.bench.server_time import ServerTime
from wingmanmatch.tools.bench.stage import Measured, Scale, Stage, latency, p99
from wingmanmatch.tools.bench.workloads import (
    ACCEPT,
    APP_SERVER,
    BARE_ACCEPT,
    BARE_CONFIRM,
    BARE_MATCH,
    CONFIRM,
    FLOOR,
    LEAN_SEED_DESIGN,
    MATCH,
    SEED_DESIGN,
    Workload,
)

SECONDS_AWAY = 0.0005
"""How far away the server is if a network is added: a round trip takes a millisecond longer."""

Measure = Callable[[Stage], Measured]


@dataclass(frozen=True)
class Figure:
    """A figure and its goal; a figure without a goal is for comparison only."""

    key: str
    what: str
    measure: Measure
    unit: str = ""
    """Of the thing's and the reference's own values."""
    at_least: float | None = None
    at_most: float | None = None
    sides: int = 2
    """How many turns it takes each time: of the thing and its reference, of the thing alone, or none."""

    def turns(self, scale: Scale) -> int:
        """How many turns it takes."""
        return self.sides * (scale.warm_ups + scale.pairs)

    def is_met(self, value: float) -> bool | None:
        """Whether a value reaches the goal; None if there is no goal."""
        if self.at_least is None and self.at_most is None:
            return None
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )

    @property
    def goal(self) -> str:
        """The goal as people write it."""
        if self.at_least == self.at_most:
            return "" if self.at_least is None else _bound(self.at_least)
        return f"≤ {_bound(self.at_most)}" if self.at_least is None else f"≥ {_bound(self.at_least)}"


def _bound(value: float | None) -> str:
    return f"{value:,}".removesuffix(".0")


def against(workload: Workload, reference: Workload) -> Measure:
    """A workload's throughput, compared with another one's."""
    return lambda stage: stage.compare(stage.turns(workload), stage.turns(reference))


def against_before(workload: Workload) -> Measure:
    """A workload's throughput, compared with the same workload in the SQL before the journal."""
    return lambda stage: stage.compare(stage.turns(workload), stage.turns(workload, before=True))


def in_a_crowd(workload: Workload, reference: Workload) -> Measure:
    """A workload's 99th percentile, compared with another one's."""

    def measure(stage: Stage) -> Measured:
        crowd = stage.scale.crowd
        return stage.compare(
            stage.turns(workload, clients=crowd, value=p99), stage.turns(reference, clients=crowd, value=p99)
        )

    return measure


def against_app_server(stage: Stage) -> Measured:
    """One call compared with an application server's statements, both from Python."""
    clients = stage.scale.clients
    return stage.compare(
        stage.python_turns(CONFIRM, "call", clients=clients),
        stage.python_turns(APP_SERVER, "app_server", clients=clients),
    )


def app_server_latency(stage: Stage) -> Measured:
    """The time of an application server's statements over a network, compared with that of one call."""
    app_server, call = (
        stage.python_turns(workload, way, clients=1, seconds_away=SECONDS_AWAY, value=latency)
        for workload, way in ((APP_SERVER, "app_server"), (CONFIRM, "call"))
    )
    return stage.compare(app_server, call)


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


def counted_instructions(key: str) -> Measure:
    """The instructions of a call, now and before."""

    def measure(stage: Stage) -> Measured:
        before, now = stage.instructions()
        return Measured([now[key]], [now[key]], [before[key]])

    return measure


def serve_before(stage: Stage) -> Measured:
    """The HTTP layer's throughput, compared with that before the journal."""
    from wingmanmatch.tools.bench.serve import against_before

    return against_before(stage)


def serve_bare(stage: Stage) -> Measured:
    """The HTTP layer's throughput, compared with that of its server alone."""
    from wingmanmatch.tools.bench.serve import against_bare

    return against_bare(stage)


def floor(stage: Stage) -> Measured:
    """The floor's turns."""
    return stage.repeat(stage.turns(FLOOR))


def round_trips(stage: Stage) -> Measured:
    """Round trips of the client's calls."""
    return Measured([float(count) for count in count_round_trips(stage.world("spread", stage.scale.few))])


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
"""They need the HTTP layer; the first also needs a clone with its history."""
INSTRUCTION_FIGURES = tuple(
    Figure(
        key,
        f"instructions: {WHATS[key]}",
        counted_instructions(key),
        " ",
        at_most=budget,
        sides=0,
    )
    for key, budget in BUDGETS.items()
)
"""They need valgrind."""
FIGURES = (
    *INSTRUCTION_FIGURES,
    Figure(
        "bare_confirm_ratio",
        "confirmations ÷ their rows written by one statement, no rule",
        against(CONFIRM, BARE_CONFIRM),
        "/s",
        at_least=0.6,
    ),
    Figure(
        "bare_accept_ratio",
        "accepts ÷ their rows written by one statement, no rule",
        against(ACCEPT, BARE_ACCEPT),
        "/s",
        at_least=0.5,
    ),
    Figure(
        "bare_match_ratio",
        "matches ÷ their rows written by one statement, no rule",
        against(MATCH, BARE_MATCH),
        "/s",
        at_least=0.45,
    ),
    Figure(
        "seed_design_ratio",
        "confirmations ÷ the seed's four statements one by one",
        against_seed_design(SEED_DESIGN),
        "/s",
        at_least=1.1,
    ),
    Figure(
        "seed_design_lean_ratio",
        "the same, the seed's fourth statement only where the session is complete",
        against_seed_design(LEAN_SEED_DESIGN),
        "/s",
    ),
    Figure(
        "app_server_ratio",
        "confirmations ÷ those of an application server, both in Python",
        against_app_server,
        "/s",
        at_least=3.0,
    ),
    Figure(
        "app_server_latency_ratio",
        "time of an application server's confirmation ÷ ours, 1 ms of network",
        app_server_latency,
        " µs",
        at_least=6.0,
    ),
    Figure("before_confirm_ratio", "confirmations ÷ before the journal", against_before(CONFIRM), "/s"),
    Figure("before_accept_ratio", "accepts ÷ before the journal", against_before(ACCEPT), "/s"),
    Figure("before_match_ratio", "matches ÷ before the journal", against_before(MATCH), "/s"),
    Figure("match_growth", "server time of a match, many people ÷ few", growth, " µs", at_most=1.5),
    Figure("dense_growth", "server time of a match, one city ÷ the world", dense_growth, " µs", at_most=2.0),
    Figure("python_roundtrips", "network round trips of a client's call", round_trips, "", 1.0, 1.0, sides=0),
    Figure(
        "p99_ratio_64",
        "99th percentile of a confirmation among 64 clients ÷ its rows, no rule",
        in_a_crowd(CONFIRM, BARE_CONFIRM),
        " µs",
        at_most=2.0,
    ),
    Figure("floor_tps", "one durable one-row UPDATE by primary key, a second", floor, sides=1),
    *SERVE_FIGURES,
)
