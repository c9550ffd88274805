"""The figures as a picture: each with its pairs of turns, their median, and the goal."""

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("Agg")  # needs no display

from matplotlib import pyplot

from wingmanmatch.bench.figures import FIGURES
from wingmanmatch.bench.report import shortened
from wingmanmatch.bench.stage import Measured

REACHED, MISSED, REFERENCE = "#2a9d5c", "#d1495b", "#5b6770"
COLOURS = {True: REACHED, False: MISSED, None: REFERENCE}
WIDTH, HEIGHT_OF_A_ROW = 9.0, 0.62
DOTS_PER_INCH = 130


def draw(measured: Mapping[str, Measured], title: str, file: Path) -> None:
    """Draw the figures that were taken, one below the other, each on a scale of its own from 0."""
    figures = [figure for figure in FIGURES if figure.key in measured]
    picture, rows = pyplot.subplots(
        len(figures), 1, figsize=(WIDTH, HEIGHT_OF_A_ROW * (len(figures) + 1)), squeeze=False
    )
    for figure, axes in zip(figures, rows[:, 0], strict=True):
        values = measured[figure.key].values
        middle = median(values)
        colour = COLOURS[figure.is_met(middle)]
        axes.hlines(0, min(values), max(values), color=colour, linewidth=2)
        axes.plot(values, [0] * len(values), "|", color=colour, markersize=9)
        axes.plot([middle], [0], "o", color=colour, markersize=7)
        for bound in {figure.at_least, figure.at_most} - {None}:
            axes.axvline(bound, color="black", linewidth=1, linestyle="--")
        highest = max([*values, figure.at_least or 0, figure.at_most or 0])
        axes.set(xlim=(0, highest * 1.08), ylim=(-1, 1), yticks=[])
        told = f"{shortened(middle):,}" + (
            f" (goal {figure.goal})" if figure.is_met(middle) is not None else ""
        )
        axes.set_ylabel(f"{figure.key}\n{told}", rotation=0, ha="right", va="center", fontsize=8)
        axes.tick_params(axis="x", labelsize=7)
        axes.spines[["left", "right", "top"]].set_visible(False)
    picture.suptitle(title, fontsize=9)
    picture.tight_layout(rect=(0, 0, 1, 0.99), h_pad=0.2)
    picture.savefig(file, dpi=DOTS_PER_INCH)
    pyplot.close(picture)
