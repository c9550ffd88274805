"""What an answer of the leaderboard costs among many people, by how much its reader has not read."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import psycopg
from rich.console import Console
from rich.table import Table

from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import EmbeddedServer
from wingmanmatch.tools.bench import report
from wingmanmatch.tools.bench.run import facts_of, may_publish, staged, warn_when_busy
from wingmanmatch.tools.bench.server import bench_server, durable_settings
from wingmanmatch.tools.bench.stage import Scale
from wingmanmatch.tools.bench.worlds import World, WorldError, person_id

TAILS: Final = (0, 1_000, 100_000)
CALLS: Final = {
    "a rank (a page of one)": "'all_time', page_size => 1",
    "a page of 20": "'all_time'",
    "20 around the caller": "'all_time', around_me => true",
    "a page of 20 of the week": "'week'",
    "a page of 20 of the largest city": "'all_time', city => '{city}'",
}
"""What is asked for, and the arguments."""
_LEAST_CALLS: Final = 5
_LEAD_IN_CALLS: Final = 6
"""Only then has the server made the plans that it keeps."""
HEADINGS: Final = ("unread entries", "answer", "server time, ms", "least", "processor time, ms", "pages read")


@dataclass(frozen=True)
class Cost:
    """What an answer costs, as the median of calls on behalf of different people."""

    tail: int
    answer: str
    milliseconds: float
    least: float
    processor: float
    """The processor time of the server process, which does not depend on what else the machine does."""
    pages: float


def run_leaderboard(console: Console, directory: Path, scale: Scale, document: Path | None) -> None:
    """Measure the answers with tails of different lengths, and show them.

    Raises:
        WorldError: the world was not in the expected state.
        DirectoryInUseError: another process measures in this directory.
    """
    with bench_server(directory, durable_settings()) as server:
        facts, costs = take_leaderboard(console, server, scale)
    told = Table(box=None, header_style="bold")
    for heading in HEADINGS:
        told.add_column(heading, justify="left" if heading == "answer" else "right", no_wrap=True)
    for row in rows(costs):
        told.add_row(*row)
    console.print(told)
    if document and may_publish(console, facts, [document]):
        text = document.read_text(encoding="utf-8")
        document.write_text(
            report.between_marks(text, "leaderboard", markdown(facts, costs)), encoding="utf-8"
        )


def take_leaderboard(
    console: Console, server: EmbeddedServer, scale: Scale
) -> tuple[dict[str, Any], list[Cost]]:
    """Where it was measured, and what the answers cost."""
    facts = {**facts_of(server), **scale.facts}
    warn_when_busy(console, facts)
    with staged(console, server, scale, len(TAILS) * len(CALLS)) as stage:
        world = stage.world("spread", scale.people)
        stage.begin("Putting everybody on the leaderboard")
        world.run("leaderboard")
        city = max(world.kind.cities, key=lambda one: one.population).name.replace("'", "''")
        costs = []
        for turn, tail in enumerate(TAILS):
            stage.begin(f"{tail:,} unread entries")
            world.run("leaderboard_tail", entries=tail, turn=turn)
            if world.number("select count(*) from wingman.unread_reputation_events('leaderboard')") != tail:
                raise WorldError("Something else is unread")
            for answer, arguments in CALLS.items():
                calls = max(_LEAST_CALLS, 40_000 // max(tail, 1_000))
                costs.append(_cost(world, tail, answer, arguments.format(city=city), calls))
                stage.step()
            world.number("select wingman.count_leaderboard(100000)")
    return facts, costs


def _cost(world: World, tail: int, answer: str, arguments: str, calls: int) -> Cost:
    chance = random.Random(1)
    times, processor, pages = [], [], []
    with connect(world.server.url(world.dbname)) as connection:
        process = Path(f"/proc/{connection.info.backend_pid}/schedstat")
        for _ in range(_LEAD_IN_CALLS + calls):
            me = person_id(chance.randrange(world.kind.people))
            call = f"public.get_leaderboard({arguments}, user_id => '{me}')"
            before = _nanoseconds(process)
            times.append(_milliseconds(connection, call))
            processor.append((_nanoseconds(process) - before) / 1e6)
            pages.append(_pages(connection, call))
    counted = slice(_LEAD_IN_CALLS, None)
    return Cost(
        tail,
        answer,
        median(times[counted]),
        min(times[counted]),
        median(processor[counted]),
        median(pages[counted]),
    )


def _nanoseconds(process: Path) -> int:
    """How long the process has run on a processor; 0 where the kernel does not say."""
    return int(process.read_text().split()[0]) if process.exists() else 0


def _milliseconds(connection: psycopg.Connection[Any], call: str) -> float:
    """The server's time: the clock is read in the same statement, after the row is made."""
    took = "extract(epoch from clock_timestamp() - statement_timestamp()) * 1000"
    query = f"select c.took from (select f, {took} as took from {call} as f offset 0) as c"  # noqa: S608
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return float(row[0])


def _pages(connection: psycopg.Connection[Any], call: str) -> int:
    explain = f"explain (analyze, buffers, format json) select * from {call}"  # noqa: S608
    row = connection.execute(explain.encode()).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def rows(costs: list[Cost]) -> Iterator[tuple[str, ...]]:
    """The table's rows."""
    for cost in costs:
        yield (
            f"{cost.tail:,}",
            cost.answer,
            *(f"{value:.1f}" for value in (cost.milliseconds, cost.least, cost.processor)),
            f"{cost.pages:,.0f}",
        )


def markdown(facts: dict[str, Any], costs: list[Cost]) -> str:
    """The table for a document, and where it was taken."""
    lines = [
        f"{facts['date'][:10]}, commit {facts['commit'] or 'unknown'}, {facts['people']:,} people.",
        f"{facts['cpu']}, {facts['cores']} cores; PostgreSQL {facts['postgresql']}.",
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
        *(f"| {' | '.join(row)} |" for row in rows(costs)),
    ]
    return "\n".join(lines)
