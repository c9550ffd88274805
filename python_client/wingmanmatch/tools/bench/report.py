"""The results: flat, as a table and as Markdown."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from rich.table import Table

from wingmanmatch.tools.bench.figures import FIGURES, Figure
from wingmanmatch.tools.bench.stage import Measured

Results = Mapping[str, Any]

WIDTH = 120
"""Columns of the table, even if the terminal has fewer: numbers must not be cut."""
DIGITS = 4
"""Significant ones: more would be noise."""
MARKS = {True: "✓", False: "✗", None: ""}
STYLES = {True: "green", False: "bold red", None: ""}


def entries(figure: Figure, measured: Measured) -> dict[str, Any]:
    """A figure in the results: its median and spread, its goal, and the values behind it."""
    value = shortened(median(measured.values))
    told = {
        figure.key: value,
        f"{figure.key}_min": shortened(min(measured.values)),
        f"{figure.key}_max": shortened(max(measured.values)),
        f"{figure.key}_goal": figure.goal,
        f"{figure.key}_met": figure.is_met(value),
    }
    if measured.things:
        told[f"{figure.key}_measured"] = shortened(median(measured.things))
        told[f"{figure.key}_against"] = shortened(median(measured.references))
        told[f"{figure.key}_unit"] = figure.unit
    return told


def shortened(value: float) -> float:
    """A number without the digits that are noise."""
    short = float(f"{value:.{DIGITS}g}")
    return int(short) if short.is_integer() else short


def table(results: Results) -> Table:
    """The figures for a terminal."""
    told = Table(box=None, header_style="bold")
    for heading in ("figure", "median", "min", "max", "goal", "", "measured", "against"):
        told.add_column(heading, justify="left" if heading in ("figure", "goal") else "right", no_wrap=True)
    for figure in _taken(results):
        told.add_row(figure.key, *_row(figure, results), style=STYLES[results[f"{figure.key}_met"]])
    return told


def markdown(results: Results) -> str:
    """The figures for a document, and where they were measured."""
    lines = [
        f"{results['date'][:10]}, commit {results['commit'] or 'unknown'}, {results['people']:,} people,"
        f" {results['pairs']} pairs of turns of {results['seconds']:g} s each.",
        f"{results['cpu']}, {results['cores']} cores, {results['memory_mb'] // 1024} GB, {results['system']};"
        f" 8 kB written and synchronised in {results['fsync_us']:g} µs.",
        f"PostgreSQL {results['postgresql']}, Python {results['python']}, psycopg {results['psycopg']}.",
        "",
        "| figure | what | median | min | max | goal | | measured | against |",
        "|---|---|---|---|---|---|---|---|---|",
        *(
            f"| {' | '.join((figure.key, figure.what, *_row(figure, results)))} |"
            for figure in _taken(results)
        ),
    ]
    return "\n".join(lines) + "\n"


def in_document(text: str, results: Results) -> str:
    """A document with these figures in place of the old ones. Raises ValueError."""
    return between_marks(text, "figures", markdown(results))


def between_marks(text: str, name: str, told: str) -> str:
    """A document with a new text between its two marks of a name.

    Raises:
        ValueError: it has no such marks.
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise ValueError(f"The document has no {begin} … {end}")
    return f"{before}{begin}\n{told}{end}{after}"


def _taken(results: Results) -> list[Figure]:
    return [figure for figure in FIGURES if figure.key in results]


def _row(figure: Figure, results: Results) -> tuple[str, ...]:
    key, unit = figure.key, figure.unit
    spread = [f"{results[name]:,}" for name in (key, f"{key}_min", f"{key}_max")]
    sides = [f"{results[f'{key}_{side}']:,}{unit}" for side in ("measured", "against")] if unit else ["", ""]
    return *spread, figure.goal, MARKS[results[f"{key}_met"]], *sides
