"""Counts the instructions of calls, shows them and writes them down."""

import json
import subprocess
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from wingmanmatch.database.embedded import BINARIES
from wingmanmatch.tools.bench import callgrind, machine, report
from wingmanmatch.tools.bench.instructions import (
    BUDGETS,
    EXECUTED,
    WHATS,
    Results,
    calls_of,
    figures,
    measure,
)

SHOWN = 80
WIDTH = 160
"""Columns of the table, even if the terminal has fewer: numbers must not be cut."""
FILE = "instructions.json"


def run_instructions(
    console: Console,
    trees: Sequence[Path],
    keys: Collection[str],
    output: Path | None,
    document: Path | None,
) -> None:
    """Count and show the figures of each tree.

    ``output`` is where to write instructions.json, ``document`` a Markdown file to update; both show the last
    tree, with the first as the state before.

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
    """Show the functions of PostgreSQL on which a call spends its instructions.

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
