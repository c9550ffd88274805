"""Measure the figures, show them and write them to files."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from wingmanmatch.database.connection import connect
from wingmanmatch.database.embedded import EmbeddedServer
from wingmanmatch.tools.bench import machine, plot, report
from wingmanmatch.tools.bench.figures import Figure
from wingmanmatch.tools.bench.profile import profile
from wingmanmatch.tools.bench.server import bench_server, durable_settings
from wingmanmatch.tools.bench.stage import Measured, Scale, Stage

QUIET_LOAD = 0.5
"""If the machine's load before the run is above this, figures are shown but not published."""


def run(
    console: Console,
    directory: Path,
    scale: Scale,
    figures: Sequence[Figure],
    output: Path | None,
    document: Path | None,
) -> None:
    """Measure the figures on a separate server, whose data in ``directory`` is kept, and show them.

    ``output`` is where to write latest.json and latest.png, ``document`` a Markdown file to update; on a busy
    machine neither is touched.

    Raises:
        RunFailedError, WorldError: a turn did not do its work, so its figure would have been wrong.
        DirectoryInUseError: another process measures in this directory.
    """
    settings = durable_settings()
    with bench_server(directory, settings) as server:
        results, measured = take(console, server, scale, figures)
    results |= settings
    console.width = max(console.width, report.WIDTH)
    console.print(report.table(results))
    if not may_publish(console, results, [output, document]):
        return
    if output:
        write(results, measured, output)
        console.print(f"Written to {output}: latest.json, latest.png.")
    if document:
        text = report.in_document(document.read_text(encoding="utf-8"), results)
        document.write_text(text, encoding="utf-8")


def may_publish(console: Console, facts: Mapping[str, Any], files: Collection[Path | None]) -> bool:
    """Whether figures may be published; says so if they may not but a file was to be written."""
    is_quiet = bool(facts["load_before"] <= QUIET_LOAD)
    if not is_quiet and any(files):
        console.print(
            f"[yellow]Nothing was written: the load before the run was {facts['load_before']},"
            f" and figures are published only up to {QUIET_LOAD}."
        )
    return is_quiet


def take(
    console: Console, server: EmbeddedServer, scale: Scale, figures: Sequence[Figure]
) -> tuple[dict[str, Any], dict[str, Measured]]:
    """The results of figures, and the turns behind them."""
    results = {**facts_of(server), **scale.facts}
    warn_when_busy(console, results)
    measured, results["turns_retaken"] = measure(console, server, scale, figures)
    for figure in figures:
        results |= report.entries(figure, measured[figure.key])
    return results, measured


def warn_when_busy(console: Console, facts: Mapping[str, Any]) -> None:
    """Warn if background load will affect the figures."""
    if facts["load_before"] > QUIET_LOAD:
        console.print(
            f"[yellow]The machine is busy (load {facts['load_before']}), which affects the figures."
        )


def facts_of(server: EmbeddedServer) -> dict[str, Any]:
    """Where it is measured."""
    with connect(server.url()) as connection:
        facts = machine.facts(connection)
    return {**facts, "fsync_us": machine.fsync_microseconds(server.directory.parent)}


def measure(
    console: Console, server: EmbeddedServer, scale: Scale, figures: Sequence[Figure]
) -> tuple[dict[str, Measured], int]:
    """Measure the figures, and say how many turns had to be repeated."""
    measured = {}
    with staged(console, server, scale, sum(figure.turns(scale) for figure in figures)) as stage:
        for figure in figures:
            stage.begin(figure.key)
            measured[figure.key] = figure.measure(stage)
    return measured, stage.retaken


@contextmanager
def staged(console: Console, server: EmbeddedServer, scale: Scale, turns: int) -> Iterator[Stage]:
    """A stage with a progress bar."""
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("turns"),
        TimeElapsedColumn(),
        console=console,
    )
    bar = progress.add_task("", total=turns)
    stage = Stage(
        server, scale, lambda what: progress.update(bar, description=what), lambda: progress.advance(bar)
    )
    with progress, closing(stage):
        yield stage


def write(results: dict[str, Any], measured: dict[str, Measured], output: Path) -> None:
    """Write the two files."""
    output.mkdir(parents=True, exist_ok=True)
    text = json.dumps(results, indent=2, ensure_ascii=False)
    (output / "latest.json").write_text(f"{text}\n", encoding="utf-8")
    title = (
        f"{results['people']:,} people, {results['cores']} cores of {results['cpu']}, {results['date'][:10]}"
    )
    plot.draw(measured, title, output / "latest.png")


def run_profile(console: Console, directory: Path, scale: Scale) -> None:
    """Show where the calls' time goes; nothing is written."""
    with bench_server(directory, durable_settings()) as server, staged(console, server, scale, 0) as stage:
        profile(console, stage)
