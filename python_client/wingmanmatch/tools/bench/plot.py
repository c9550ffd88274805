"""The figures as a picture: instructions and calls per second, before and now, and the ratios."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

import matplotlib as mpl

mpl.use("Agg")  # needs no display

from matplotlib import pyplot

from wingmanmatch.tools.bench.figures import FIGURES, INSTRUCTION_FIGURES, Figure
from wingmanmatch.tools.bench.report import shortened
from wingmanmatch.tools.bench.stage import Measured

REACHED, MISSED, NEUTRAL, BEFORE = "#2a9d5c", "#d1495b", "#3a6ea5", "#b6bfc6"
COLOURS = {True: REACHED, False: MISSED, None: NEUTRAL}
WIDTH = 10.0
ROW = 0.55
"""The height of a row, in inches."""
LABEL_LETTERS = 44
DOTS_PER_INCH = 130
BEFORE_PREFIX = "before_"

Taken = list[tuple[Figure, Measured]]


def draw(measured: Mapping[str, Measured], title: str, file: Path) -> None:
    """Draw the figures that were taken: instructions, calls a second before and now, and the rest."""
    taken = [(figure, measured[figure.key]) for figure in FIGURES if figure.key in measured]
    compared = [entry for entry in taken if entry[0].key.startswith(BEFORE_PREFIX)]
    counted = [entry for entry in taken if entry[0] in INSTRUCTION_FIGURES]
    others = [entry for entry in taken if entry not in compared and entry not in counted]
    # each panel, and the figures that it shows
    parts: list[tuple[Callable[[Any, Taken], None], Taken]] = [
        *([(_instructions, counted)] if counted else []),
        *([(_before_and_now, compared)] if compared else []),
        *((_alone, [entry]) for entry in others),
    ]
    heights = [len(shown) + (show is not _alone) * 1.2 for show, shown in parts]
    picture, rows = pyplot.subplots(
        len(parts),
        1,
        figsize=(WIDTH, ROW * (sum(heights) + 1)),
        squeeze=False,
        layout="constrained",
        height_ratios=heights,
    )
    for (show, shown), axes in zip(parts, rows[:, 0], strict=True):
        show(axes, shown)
        axes.tick_params(axis="x", labelsize=7)
        axes.spines[["left", "right", "top"]].set_visible(False)
    picture.suptitle(title, fontsize=9)
    picture.savefig(file, dpi=DOTS_PER_INCH)
    pyplot.close(picture)


def _instructions(axes: Any, taken: Taken) -> None:
    """What each call costs, before and now, and its budget."""
    for row, (figure, measured) in enumerate(taken):
        before, now = measured.references[0] / 1000, measured.values[0] / 1000
        axes.barh(row - 0.2, before, 0.36, color=BEFORE, label="before" if not row else None)
        axes.barh(row + 0.2, now, 0.36, color=COLOURS[figure.is_met(measured.values[0])])
        if figure.at_most:
            axes.plot([figure.at_most / 1000] * 2, [row - 0.45, row + 0.45], color="black", linewidth=1)
        axes.text(max(before, now), row, f"  {now:,.0f}, before {before:,.0f}", va="center", fontsize=7)
    axes.set_title("Thousands of instructions a call; the line is the budget", fontsize=8, loc="left")
    _label(axes, [figure.what.removeprefix("instructions: ") for figure, _ in taken])
    axes.margins(x=0.18)


def _before_and_now(axes: Any, taken: Taken) -> None:
    """Calls per second, before and now: each turn, and their median."""
    for row, (_, measured) in enumerate(taken):
        for offset, values, colour in (
            (-0.2, measured.references, BEFORE),
            (0.2, measured.things, NEUTRAL),
        ):
            _spread(axes, values, row + offset, colour)
        ratio = median(measured.values)
        most = max([*measured.references, *measured.things])
        axes.text(most, row, f"   {shortened(ratio):,} times as many", va="center", fontsize=7)
    axes.set_title("Calls a second: before the journal (grey) and now", fontsize=8, loc="left")
    _label(axes, [figure.what.partition(" ÷ ")[0] for figure, _ in taken])
    axes.set_xlim(left=0)
    axes.margins(x=0.2)


def _alone(axes: Any, taken: Taken) -> None:
    """A figure on a scale of its own from 0: each pair of turns, their median, and the goal."""
    ((figure, measured),) = taken
    middle = median(measured.values)
    _spread(axes, measured.values, 0, COLOURS[figure.is_met(middle)])
    bounds = [bound for bound in {figure.at_least, figure.at_most} if bound is not None]
    for bound in bounds:
        axes.axvline(bound, color="black", linewidth=1, linestyle="--")
    axes.set(xlim=(0, max([*measured.values, *bounds]) * 1.25), ylim=(-1, 1))
    goal = f", goal {figure.goal}" if figure.goal else ""
    axes.text(1, 0.5, f"{shortened(middle):,}{goal}", transform=axes.transAxes, ha="right", fontsize=8)
    _label(axes, [figure.what])


def _spread(axes: Any, values: Sequence[float], row: float, colour: str) -> None:
    axes.hlines(row, min(values), max(values), color=colour, linewidth=2)
    axes.plot(values, [row] * len(values), "|", color=colour, markersize=8)
    axes.plot([median(values)], [row], "o", color=colour, markersize=6)


def _label(axes: Any, texts: Sequence[str]) -> None:
    axes.set_yticks(range(len(texts)), [fill(text, LABEL_LETTERS) for text in texts], fontsize=8)
    axes.tick_params(axis="y", length=0)
    if texts[1:]:
        axes.set_ylim(len(texts) - 0.4, -0.6)
