"""``wingman metrics`` and ``wingman maintain``: commands that operators run regularly."""

from typing import Annotated

import typer

from wingmanmatch.tools.cli.failures import in_one_line
from wingmanmatch.tools.cli.options import DatabaseUrl

Every = Annotated[
    float | None,
    typer.Option(metavar="SECONDS", min=0.1, help="Repeat, with a pause of SECONDS.", show_default="once"),
]
Readers = Annotated[bool, typer.Option("--readers", help="Only run the readers.")]
MaxRows = Annotated[int, typer.Option(min=1, max=100_000, help="The most rows of a kind at a time.")]


def metrics(database_url: DatabaseUrl = "") -> None:
    """Print metrics for Prometheus.

    The login is an operator's: a member of wingman_admin.
    """
    from wingmanmatch.database.connection import connect, without_statement_timeout
    from wingmanmatch.tools.metrics import prometheus_text

    with connect(database_url) as connection, without_statement_timeout(connection):
        text = prometheus_text(connection)
    typer.echo(text, nl=False)


def maintain(
    database_url: DatabaseUrl = "", every: Every = None, max_rows: MaxRows = 1000, readers: Readers = False
) -> None:
    """Tidy the database up, and run its readers.

    It settles lapsed matches, removes old notifications, keys and limits, maintains the journal's partitions,
    and fills the inboxes and the statistics. No call depends on it. Several can run at once. With --readers
    it only fills the inboxes and the statistics: repeat that several times a second, with --every 0.25. With
    --every it runs until you interrupt it, even if connections are lost. The login is an operator's: a member
    of wingman_admin.
    """
    from wingmanmatch.tools.maintenance import READING, TIDYING, keep_reading, keep_tidy, run_once

    if every is None:
        tell(run_once(database_url, READING if readers else TIDYING, max_rows))
        return
    try:
        (keep_reading if readers else keep_tidy)(database_url, max_rows, every, tell, tell_failure)
    except KeyboardInterrupt:
        typer.echo("stopped")


def tell(done: dict[str, int]) -> None:
    """Print what was done, in one line."""
    told = ", ".join(f"{rows} {kind.replace('_', ' ')}" for kind, rows in done.items() if rows)
    typer.echo(f"{now()}  {told or 'nothing to do'}")


def tell_failure(error: Exception) -> None:
    """Print why a run failed."""
    typer.echo(f"{now()}  {in_one_line(error)}; trying again", err=True)


def now() -> str:
    """The time, for people."""
    from datetime import UTC, datetime

    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
