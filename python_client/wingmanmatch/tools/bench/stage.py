"""Where figures are measured, and how much is measured."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection as Pipe

from wingmanmatch.database.embedded import EmbeddedServer
from wingmanmatch.tools.bench import instructions
from wingmanmatch.tools.bench.network import delayed
from wingmanmatch.tools.bench.python_turns import PythonTurns, callers
from wingmanmatch.tools.bench.turns import Outcome, Turns, paired
from wingmanmatch.tools.bench.workloads import Workload
from wingmanmatch.tools.bench.worlds import Kind, Say, World, world

Turn = Callable[[], float]


def rate(outcome: Outcome) -> float:
    """How many a second."""
    return outcome.rate


def p99(outcome: Outcome) -> float:
    """The 99th percentile, in microseconds."""
    return outcome.p99


def latency(outcome: Outcome) -> float:
    """The median time of a call, in microseconds."""
    return outcome.median


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    people: int
    """In the large worlds."""
    few: int
    """In the small one."""
    pairs: int
    """Pairs of turns that count, for each figure."""
    warm_ups: int
    """Pairs of warm-up turns before those."""
    seconds: float
    """The length of a turn."""
    calls: int
    """Calls in a turn of a single client."""
    clients: int = 8
    crowd: int = 64
    """The clients of a 99th percentile."""

    @property
    def facts(self) -> dict[str, float]:
        """What the results say about it."""
        return asdict(self) | {"quick": self is QUICK}


FULL = Scale(people=1_000_000, few=10_000, pairs=7, warm_ups=2, seconds=2.5, calls=400)
QUICK = Scale(people=100_000, few=10_000, pairs=3, warm_ups=1, seconds=0.4, calls=200)


@dataclass(frozen=True)
class Measured:
    """The results of a figure: its value in each pair of turns, and the values of the turns of both sides."""

    values: list[float]
    things: list[float] = field(default_factory=list)
    references: list[float] = field(default_factory=list)


@dataclass
class Stage:
    """Where figures are measured: a server, worlds made on demand, and the turns so far."""

    server: EmbeddedServer
    scale: Scale
    say: Say
    step: Callable[[], None]
    """Called after each turn."""
    retaken: int = 0
    """How many turns were discarded and repeated."""
    doing: str = ""
    """The step in progress since the last announcement."""
    _instructions: list[instructions.Results] = field(default_factory=list)
    _pipes: list[Pipe] = field(default_factory=list)
    _worlds: dict[Kind, World] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def begin(self, what: str) -> None:
        """Say what comes next."""
        self.doing = what
        self.say(what)

    def close(self) -> None:
        """Drop the worlds."""
        self._stack.close()

    def world(self, shape: str, people: int, *, before: bool = False) -> World:
        """The world of a kind, the same one for all figures: every turn leaves it as it was."""
        kind = Kind(shape, people, before)
        if kind not in self._worlds:
            self._worlds[kind] = self._stack.enter_context(world(self.server, kind, self.say))
            self.say(self.doing)
        return self._worlds[kind]

    def turns(
        self,
        workload: Workload,
        *,
        clients: int | None = None,
        tcp: bool = False,
        before: bool = False,
        value: Callable[[Outcome], float] = rate,
    ) -> Turn:
        """Turns of a workload in the large world; a turn's value is its rate, or another one asked for."""
        made = Turns(
            self.world("spread", self.scale.people, before=before),
            workload,
            self.scale.seconds,
            clients or self.scale.clients,
            tcp,
        )
        return self._valued(made, value)

    def python_turns(
        self,
        workload: Workload,
        way: str,
        *,
        clients: int,
        seconds_away: float = 0.0,
        value: Callable[[Outcome], float] = rate,
    ) -> Turn:
        """Turns of a workload whose calls Python makes in one of its ways, over TCP.

        ``seconds_away`` is how far the server is, in each direction.
        """
        if not self._pipes:
            self._pipes = self._stack.enter_context(callers(self.scale.clients))
        port = self.server.port
        if seconds_away:
            port = self._stack.enter_context(delayed(port, seconds_away))
        made = PythonTurns(
            self.world("spread", self.scale.people),
            workload,
            self.scale.seconds,
            clients,
            way=way,
            pipes=self._pipes,
            port=port,
        )
        return self._valued(made, value)

    def instructions(self) -> tuple[instructions.Results, instructions.Results]:
        """The instructions of the calls with a budget, before the journal and now."""
        if not self._instructions:
            names = instructions.calls_of(instructions.BUDGETS)
            self._instructions = [
                instructions.figures(instructions.measure(tree, names, self.say))
                for tree in instructions.published_trees()
            ]
        return self._instructions[0], self._instructions[-1]

    def _valued(self, turns: Turns, value: Callable[[Outcome], float]) -> Turn:
        def take() -> float:
            outcome = turns()
            self.retaken, turns.retaken = self.retaken + turns.retaken, 0
            return value(outcome)

        return take

    def repeat(self, turn: Turn) -> Measured:
        """The values of one workload's turns, without a comparison."""
        values = []
        for _ in range(self.scale.warm_ups + self.scale.pairs):
            values.append(turn())
            self.step()
        return Measured(values[self.scale.warm_ups :])

    def compare(self, thing: Turn, reference: Turn) -> Measured:
        """The ratios of a thing's turns and a reference's."""

        def stepping(turn: Turn) -> Turn:
            def take() -> float:
                value = turn()
                self.step()
                return value

            return take

        taken = paired(stepping(thing), stepping(reference), self.scale.pairs, self.scale.warm_ups)
        things, references = [value for value, _ in taken], [other for _, other in taken]
        return Measured([value / other for value, other in taken], things, references)
