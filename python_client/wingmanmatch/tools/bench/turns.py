"""Turns: a workload runs for a few seconds, and its results are counted in the database."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wingmanmatch.database import paths
from wingmanmatch.tools.bench import pgbench
from wingmanmatch.tools.bench.workloads import PENDING, Workload
from wingmanmatch.tools.bench.worlds import World, WorldError

BUSY = "Another request holds this record"
TRIES = 3
FEWEST_CALLS_EACH = 20


@dataclass(frozen=True)
class Outcome:
    """The result of a turn."""

    rate: float
    """Successful calls per second."""
    p99: float
    """Microseconds in which 99 of 100 calls were answered."""
    median: float
    """Microseconds in which half of the calls were answered."""
    calls: int
    worth: float
    """The share of the calls that achieved their purpose."""


@dataclass
class Turns:
    """Turns of one workload in one world, each of about the desired length."""

    world: World
    workload: Workload
    seconds: float
    clients: int
    tcp: bool = False
    calls_each: int = FEWEST_CALLS_EACH
    retaken: int = 0
    """How many turns were discarded and repeated because the engine had answered busy in one."""
    _variables: dict[str, int] = field(default_factory=dict)
    """The variables of this turn's scripts."""

    def __call__(self) -> Outcome:
        """Take a turn.

        Raises:
            RunFailedError: a call was refused.
            WorldError: a call did not do its work, or the world was not in the expected state.
        """
        for _ in range(TRIES - 1):
            try:
                return self._take()
            except pgbench.RunFailedError as failure:
                # The contract allows this if everybody near is locked at the moment.
                if BUSY not in str(failure):
                    raise
                self.retaken += 1
                self._reset()
        return self._take()

    def _take(self) -> Outcome:
        self.world.turns += 1
        calls_each = self._affordable(self.calls_each)
        calls = calls_each * self.clients
        self._variables = {
            **self.world.variables,
            **self.workload.variables,
            "turn": self.world.turns,
            "calls": calls,
            "offset": self.world.callers,
        }
        self._expect_nothing_pending()
        for name in self.workload.prepare:
            self.world.run(name, **self._variables)
        before = self._done()
        run = self._make_calls(calls_each)
        self.world.callers += calls
        if self.workload.done and self._done() - before != calls:
            raise WorldError(
                f"{self.workload.call}: {calls} calls, {self._done() - before} of them did their work"
            )
        worth = self.world.number(self.workload.worth) / calls if self.workload.worth else 1.0
        self._reset()
        self.calls_each = max(FEWEST_CALLS_EACH, round(run.rate * self.seconds / self.clients))
        return Outcome(run.rate * worth, run.p99, run.median, calls, worth)

    def _make_calls(self, calls_each: int) -> pgbench.Run:
        return pgbench.run(
            self.world.tcp_url if self.tcp else self.world.url,
            paths.BENCH / "calls" / f"{self.workload.call}.sql",
            self.clients,
            calls_each,
            self._variables,
        )

    def _affordable(self, calls_each: int) -> int:
        """An even number, so that there are as many first as second confirmations."""
        most = (self.world.kind.pairs - 1) // self.clients if self.workload.limited else calls_each
        affordable = min(calls_each, most) // 2 * 2
        if not affordable:
            raise WorldError(f"{self.clients} clients are too many for {self.world.kind.people} people")
        return affordable

    def _done(self) -> int:
        return self.world.number(self.workload.done) if self.workload.done else 0

    def _expect_nothing_pending(self) -> None:
        pending = self.world.number(PENDING)
        if pending:
            raise WorldError(f"{self.workload.call}: {pending} matches are pending before the turn")

    def _reset(self) -> None:
        for name in self.workload.reset:
            self.world.run(name, **self._variables)


def paired(
    thing: Callable[[], float], reference: Callable[[], float], pairs: int, warm_ups: int
) -> list[tuple[float, float]]:
    """Take turns of both, alternating which one goes first; warm-up turns do not count."""
    taken = []
    for number in range(warm_ups + pairs):
        if number % 2:
            value = thing()
            taken.append((value, reference()))
        else:
            other = reference()
            taken.append((thing(), other))
    return taken[warm_ups:]
