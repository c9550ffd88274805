"""``wingman bench``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wingmanmatch.tools.cli.failures import MisuseError

if TYPE_CHECKING:
    from rich.console import Console

Quick = Annotated[bool, typer.Option("--quick", help="Fewer and shorter turns among fewer people: a minute.")]
Profile = Annotated[bool, typer.Option("--profile", help="Show which functions take a call's time instead.")]
Http = Annotated[
    bool, typer.Option("--http", help="Compare calls over HTTP with calls over a connection instead.")
]
Leaderboard = Annotated[
    bool, typer.Option("--leaderboard", help="Measure answers of the leaderboard instead.")
]
Instructions = Annotated[
    bool,
    typer.Option("--instructions", help="Count the CPU instructions of each call instead; needs valgrind."),
]
Functions = Annotated[
    str | None,
    typer.Option(
        metavar="CALL",
        help="With --instructions: the functions of PostgreSQL on which this call spends them.",
    ),
]
Sql = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="INSTALL.SQL",
        help="With --instructions: the SQL to measure; repeat it to compare trees.",
        show_default="this tree's",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(help="A figure's key; repeatable. Then nothing is written.", show_default="all"),
]
Directory = Annotated[Path, typer.Option(help="Where the server's data and the worlds are kept.")]
Output = Annotated[Path, typer.Option(help="Where latest.json and latest.png go.")]
Document = Annotated[
    Path | None, typer.Option(help="A Markdown file in which to update the figures, between two marks.")
]


def bench(
    quick: Quick = False,
    profile: Profile = False,
    http: Http = False,
    leaderboard: Leaderboard = False,
    instructions: Instructions = False,
    functions: Functions = None,
    sql: Sql = None,
    only: Only = None,
    directory: Directory = Path(".wingman", "bench"),
    output: Output = Path("bench", "results"),
    document: Document = None,
) -> None:
    """Measure what the calls cost.

    Each call is compared with the physical limit of this machine, in an embedded PostgreSQL. The first run
    makes 2,000,000 people (with --quick 200,000), which takes minutes; later runs reuse them. A missed goal
    is shown but is not a failure; a refused call is one.
    """
    from rich.console import Console

    try:
        from wingmanmatch.tools.bench.run import run, run_profile
    except ModuleNotFoundError as missing:
        raise MisuseError(f"{missing.name} is not installed: pip install 'wingmanmatch[bench]'") from None
    if instructions or functions:
        _instructions(Console(), sql, only, functions, output, document)
        return

    from wingmanmatch.tools.bench import callgrind
    from wingmanmatch.tools.bench.figures import FIGURES, INSTRUCTION_FIGURES
    from wingmanmatch.tools.bench.stage import FULL, QUICK

    console = Console()

    unknown = set(only or []) - {figure.key for figure in FIGURES}
    if unknown:
        raise MisuseError(f"There is no figure {', '.join(sorted(unknown))}")
    scale = QUICK if quick else FULL
    left_out = {} if only or http or leaderboard or profile else _not_here()
    if not only and (quick or not callgrind.is_installed()):
        left_out |= {figure.key: "It takes minutes and needs valgrind" for figure in INSTRUCTION_FIGURES}
    for key, reason in left_out.items():
        console.print(f"[yellow]{key} is left out. {reason}")
    figures = [figure for figure in FIGURES if (figure.key in only if only else figure.key not in left_out)]
    if http:
        try:
            from wingmanmatch.tools.bench.over_http import run_http
        except ModuleNotFoundError as missing:
            raise MisuseError(f"{missing.name} is not installed: pip install 'wingmanmatch[http]'") from None
        run_http(console, directory, scale, document)
    elif leaderboard:
        from wingmanmatch.tools.bench.leaderboard import run_leaderboard

        run_leaderboard(console, directory, scale, document)
    elif profile:
        run_profile(console, directory, scale)
    else:
        run(console, directory, scale, figures, None if only else output, None if only else document)


def _instructions(
    console: "Console",
    sql: list[Path] | None,
    only: list[str] | None,
    functions: str | None,
    output: Path,
    document: Path | None,
) -> None:
    from wingmanmatch.database import paths
    from wingmanmatch.tools.bench import instruction_report, instructions
    from wingmanmatch.tools.bench.instruction_calls import CALLS

    tree = [paths.INSTALL_SQL]
    if functions:
        if functions not in {call.name for call in CALLS}:
            raise MisuseError(f"There is no call {functions}")
        instruction_report.run_functions(console, (sql or tree)[-1], functions)
    elif only or sql:
        prefix = instructions.PREFIX
        keys = {key if key.startswith(prefix) else f"{prefix}{key}" for key in only or instructions.WHATS}
        unknown = keys - instructions.WHATS.keys()
        if unknown:
            raise MisuseError(f"There is no figure {', '.join(sorted(unknown))}")
        instruction_report.run_instructions(console, sql or tree, keys, None, None)
    else:
        trees = instructions.published_trees()
        instruction_report.run_instructions(console, trees, instructions.WHATS, output, document)


def _not_here() -> dict[str, str]:
    """The keys of the figures that cannot be measured here, and why."""
    from wingmanmatch.tools.bench.figures import SERVE_FIGURES

    try:
        from wingmanmatch.tools.bench import serve
    except ModuleNotFoundError as missing:
        reason = f"{missing.name} is not installed: pip install 'wingmanmatch[http]'"
        return {figure.key: reason for figure in SERVE_FIGURES}
    return {} if serve.is_there() else {SERVE_FIGURES[0].key: f"There is no {serve.NEEDS}"}
