"""What calls return, for people and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from wingmanmatch.tools.cli.printable import printable

_UNLIMITED = 100_000
_FEW_WORDS = 24

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def show_json(answer: Any) -> None:
    """Print an answer as the database gave it."""
    import json

    typer.echo(printable(json.dumps(answer, indent=2, ensure_ascii=False)))


def show_rows(console: "Console", rows: Sequence[Mapping[str, Any]]) -> None:
    """Print rows as one table, or each as a table of its own if they are too wide for the terminal."""
    table = across(rows)
    if console.measure(table, options=console.options.update(width=_UNLIMITED)).minimum <= console.width:
        console.print(table)
        return
    for row in rows:
        console.print(down(row))


def across(rows: Sequence[Mapping[str, Any]]) -> "Table":
    """A table with a line for each row. Only texts of several words wrap, and keep room for a few."""
    from rich.table import Table
    from rich.text import Text

    cells = [[as_text(value) for value in row.values()] for row in rows]
    table = Table(border_style="dim", header_style="cyan")
    for name, column in zip(rows[0], zip(*cells, strict=True), strict=True):
        longest = max(len(line) for text in (name, *column) for line in text.split("\n"))
        wraps = any(" " in text for text in column)
        table.add_column(
            Text(printable(name)), no_wrap=not wraps, overflow="fold", min_width=min(longest, _FEW_WORDS)
        )
    for row in cells:
        table.add_row(*map(Text, row))
    return table


def down(row: Mapping[str, Any], title: str | None = None) -> "Table":
    """A table with a line for each attribute of one row, with a title above it if there is one."""
    from rich.table import Table
    from rich.text import Text

    heading = Text(printable(title), "bold") if title else None
    table = Table(show_header=False, border_style="dim", title=heading, title_justify="left")
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in flat(row):
        table.add_row(Text(printable(name)), Text(as_text(value)))
    return table


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested attributes by their path: ``buddy_profile.first_name``."""
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def as_text(value: Any) -> str:
    """A value for a cell of a table: nothing for null, a line for each element of a list."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return "\n".join(map(as_text, value))
    if isinstance(value, dict):
        return ", ".join(f"{printable(name)} {as_text(part)}" for name, part in value.items())
    return printable(str(value))
