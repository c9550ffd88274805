"""What a call costs the server, in CPU instructions: the one measure that a busy machine leaves alone."""

import json
import re
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from wingmanmatch.bench import callgrind, machine, report
from wingmanmatch.bench.callgrind import Counted, CountError
from wingmanmatch.bench.instruction_calls import CALLS, SETUP, Call
from wingmanmatch.bench.instruction_world import DBNAME, Group, Stage, make_cluster
from wingmanmatch.bench.server import USABLE_CORES
from wingmanmatch.database import paths
from wingmanmatch.database.embedded import BINARIES

WARM_UP = 10
"""Calls before those that count: plans are generic from the sixth execution on."""
COUNTED_CALLS = 20
OTHER_GROUPS = {
    Stage.FREE: 100,
    Stage.MATCHED: 100,
    Stage.ACCEPTED: 100,
    Stage.SCHEDULED: 100,
    Stage.COMPLETED: 500,
}
"""Groups that nobody measures: with them the planner chooses as it does in a large database."""

PREFIX = "instructions_"
BUDGETS = {
    "instructions_confirm_first": 720_000,
    "instructions_confirm_second": 960_000,
    "instructions_accept": 970_000,
    "instructions_match": 1_450_000,
    "instructions_decline": 2_030_000,
    "instructions_key": 200_000,
    "instructions_headers": 100_000,
}
"""What each figure may be at most."""
DIFFERENCES: Mapping[str, tuple[str, Mapping[str, int]]] = {
    "instructions_key": ("what an idempotency key adds", {"confirm_key": 1, "confirm_first": -1}),
    "instructions_headers": (
        "what PostgREST's headers add, besides that they are set",
        {"confirm_headers": 1, "identity_headers": -1, "confirm_first": -1, "identity": 1},
    ),
}
"""Figures that are made of several calls: what each is, and how often a call's instructions are added."""
WHATS = {f"{PREFIX}{call.name}": call.what for call in CALLS} | {
    key: what for key, (what, _) in DIFFERENCES.items()
}
"""What each figure is."""

EXECUTED = {
    "statements": "standard_ExecutorStart",
    "triggers": "ExecCallTriggerFunc",
    "relations": "table_open",
    "indexes": "index_open",
    "expressions": "exec_eval_expr",
}
"""What a call executes, and the function of PostgreSQL that is called once for each: statements, trigger
functions, the tables and indexes that the statements open (a warm backend opens no catalog), and PL/pgSQL
expressions."""
SHOWN = 80
WIDTH = 160
"""Columns of the table, also where the terminal has fewer: numbers are not cut."""
FILE = "instructions.json"
BEFORE_SQL = paths.BENCH / "before.sql"
"""``sql/`` before the journal, flattened and frozen."""

Say = Callable[[str], None]
Results = dict[str, Any]


def calls_of(keys: Collection[str]) -> set[str]:
    """The names of the calls that figures take."""
    return {
        name
        for key in keys
        for name in (DIFFERENCES[key][1] if key in DIFFERENCES else [key.removeprefix(PREFIX)])
    }


def measure(install_sql: Path, names: Collection[str], say: Say) -> dict[str, Counted]:
    """Count the instructions of calls in what a tree's ``install.sql`` builds.

    The world is the same whichever calls are wanted.

    Raises:
        CountError: valgrind is missing, or a call did not do its work.
        WorldError, psycopg.Error: the world could not be made.
    """
    callgrind.version()
    each = WARM_UP + COUNTED_CALLS
    stages = [call.stage for call in CALLS for _ in range(each)]
    stages += [stage for stage, count in OTHER_GROUPS.items() for _ in range(count)]
    groups = [Group(number, stage) for number, stage in enumerate(stages)]
    with tempfile.TemporaryDirectory(prefix="wingman-world-", dir=callgrind.fast_place()) as directory:
        cluster = Path(directory, "data")
        say("Making a small world")
        make_cluster(cluster, install_sql, groups)
        say("Counting")
        # a busy machine changes no count
        with ThreadPoolExecutor(USABLE_CORES) as pool:
            running = {
                call.name: pool.submit(_count, cluster, call, groups[number * each : (number + 1) * each])
                for number, call in enumerate(CALLS)
                if call.name in names
            }
            return {name: future.result() for name, future in running.items()}


def _count(cluster: Path, call: Call, groups: Sequence[Group], warm_up: int = WARM_UP) -> Counted:
    lines = [call.transaction(group) for group in groups]
    setup = [*SETUP, call.prepare(groups[0])]
    counted, printed = callgrind.count(cluster, DBNAME, setup, lines[:warm_up], lines[warm_up:])
    done = len(re.findall(call.answer, printed))
    if done != len(lines):
        raise CountError(f"{call.name}: {len(lines)} calls, {done} of them did their work")
    return counted


def figures(counted: Mapping[str, Counted]) -> Results:
    """The figures of calls that were counted, flat, and what each call executes."""
    told: Results = {}
    for call in CALLS:
        if call.name in counted:
            key, times = f"{PREFIX}{call.name}", counted[call.name].calls
            told[key] = round(counted[call.name].instructions)
            for what, function in EXECUTED.items():
                sent = call.statements if what == "statements" else 0
                told[f"{key}_{what}"] = report.shortened(times.get(function, 0) - sent)
    for key, (_, parts) in DIFFERENCES.items():
        if parts.keys() <= counted.keys():
            told[key] = sum(sign * told[f"{PREFIX}{name}"] for name, sign in parts.items())
    return told


def run_instructions(
    console: Console,
    trees: Sequence[Path],
    keys: Collection[str],
    output: Path | None,
    document: Path | None,
) -> None:
    """Count and show the figures of each tree.

    ``output`` is where instructions.json is to be written, ``document`` a Markdown file that is to show the
    figures; both tell of the last tree, and of the first as what was before.

    Raises:
        CountError: valgrind is missing, or a call did not do its work.
        WorldError, psycopg.Error: a world could not be made.
    """
    names = calls_of(keys)
    with console.status("") as status:
        taken = [figures(measure(tree, names, status.update)) for tree in trees]
    told = Table(box=None, header_style="bold", caption="\n".join(map(str, trees)) if trees[1:] else None)
    for heading in _headings(len(trees)):
        told.add_column(heading, justify="left" if heading == "call" else "right", no_wrap=True)
    for key, *row in _rows(taken):
        budget = BUDGETS.get(key)
        told.add_row(*row, style="bold red" if budget and taken[-1][key] > budget else "")
    console.width = max(console.width, WIDTH)
    console.print(told)
    if output:
        output.mkdir(parents=True, exist_ok=True)
        text = json.dumps({**facts(), **with_before(taken)}, indent=2)
        (output / FILE).write_text(f"{text}\n", encoding="utf-8")
        console.print(f"Written to {output}: {FILE}.")
    if document:
        text = document.read_text(encoding="utf-8")
        document.write_text(report.between_marks(text, "instructions", _markdown(taken)), encoding="utf-8")


def run_functions(console: Console, tree: Path, name: str) -> None:
    """Show the functions of PostgreSQL that take a call's instructions.

    Raises:
        CountError, WorldError, psycopg.Error: as ``run_instructions``.
    """
    with console.status("") as status:
        counted = measure(tree, [name], status.update)[name]
    told = Table(title=f"{name}: {counted.instructions:,.0f}", box=None, header_style="bold")
    told.add_column("function of PostgreSQL", no_wrap=True)
    for heading in ("times", "instructions", "of them its own"):
        told.add_column(heading, justify="right")
    dearest = sorted(counted.calls, key=lambda name: counted.inclusive.get(name, 0), reverse=True)
    for function in dearest[:SHOWN]:
        costs = (counted.inclusive.get(function, 0), counted.own.get(function, 0))
        told.add_row(function, f"{counted.calls[function]:.1f}", *(f"{cost:,.0f}" for cost in costs))
    console.print(told)


def with_before(taken: Sequence[Results]) -> Results:
    """The figures of the last tree, and beside each, where there are two, the first tree's."""
    told = {**taken[-1], **{f"{key}_budget": budget for key, budget in BUDGETS.items() if key in taken[-1]}}
    for before in taken[:-1]:
        told |= {f"{key}_before": before[key] for key in WHATS if key in before}
    return told


def published_trees() -> list[Path]:
    """What a published run measures: the state before, as long as it is kept, and this tree."""
    return [tree for tree in (BEFORE_SQL, paths.INSTALL_SQL) if tree.exists()]


def facts() -> Results:
    """With what it was counted."""
    postgres = subprocess.run(
        [BINARIES / "postgres", "--version"], check=True, capture_output=True, text=True
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": machine.commit(),
        "cpu": machine.cpu(),
        "postgresql": postgres.stdout.split()[-1],
        "valgrind": callgrind.version(),
    }


def _headings(trees: int) -> list[str]:
    counts = ["before", "now", "÷ before"] if trees == 2 else ["instructions"] * trees
    return ["call", *counts, "budget", *EXECUTED]


def _rows(taken: Sequence[Results]) -> Iterator[list[str]]:
    """For each figure its key, and what the table says."""
    last = taken[-1]
    for key, what in WHATS.items():
        if key in last:
            ratio = [f"{last[key] / taken[0][key]:.2f}"] if len(taken) == 2 else []
            executed = [last.get(f"{key}_{counted}") for counted in EXECUTED]
            yield [
                key,
                what,
                *(f"{told[key]:,}" for told in taken),
                *ratio,
                f"{BUDGETS[key]:,}" if key in BUDGETS else "",
                *("" if times is None else f"{times:g}" for times in executed),
            ]


def _markdown(taken: Sequence[Results]) -> str:
    told = facts()
    headings = _headings(len(taken))
    lines = [
        f"{told['date'][:10]}, commit {told['commit'] or 'unknown'}, PostgreSQL {told['postgresql']},"
        f" valgrind {told['valgrind']}, {told['cpu']}.",
        "",
        f"| {' | '.join(headings)} |",
        f"|---|{'---:|' * (len(headings) - 1)}",
        *(f"| {' | '.join(row)} |" for _, *row in _rows(taken)),
    ]
    return "\n".join(lines) + "\n"
