"""``wingman doctor``."""

from typing import TYPE_CHECKING

import typer

from wingmanmatch.tools.cli.options import AsJson, DatabaseUrl
from wingmanmatch.tools.cli.printable import printable

if TYPE_CHECKING:
    from wingmanmatch.tools.doctor import Check


def doctor(database_url: DatabaseUrl = "", as_json: AsJson = False) -> None:
    """Compare a database with this release.

    It names each difference and how to mend it, and then exits with status 1. It changes nothing, has the
    rights of the login, and says what it could not check. Run the SQL that it prints as a superuser, or as a
    login that can become wingman_owner.
    """
    from wingmanmatch.tools.doctor import examine

    checks = examine(database_url)
    count = sum(len(check.findings) for check in checks)
    if as_json:
        show_json(checks, count)
    else:
        for check in checks:
            show(check)
        typer.echo(f"\n{verdict(checks, count)}")
    raise typer.Exit(1 if count else 0)


def show_json(checks: "list[Check]", count: int) -> None:
    """Print everything as one JSON object."""
    import json
    from dataclasses import asdict

    told = {"ok": not count, "checks": [asdict(check) for check in checks]}
    typer.echo(printable(json.dumps(told, indent=2, ensure_ascii=False)))


def show(check: "Check") -> None:
    """Print a check: its mark, its notes, and its findings."""
    mark, colour = ("✗", "red") if check.findings else ("?", "yellow") if check.not_looked else ("✓", "green")
    known = [f"not checked: {check.not_looked}"] * bool(check.not_looked) + check.notes
    notes = printable("; ".join(known))
    typer.echo(f"{typer.style(mark, fg=colour)} {typer.style(check.name, bold=True)}  {notes}".rstrip())
    for finding in check.findings:
        typer.echo(f"    {typer.style(printable(finding.topic), fg='red')}: {printable(finding.what)}")
        typer.echo(f"        {printable(finding.mend)}")  # unindented: a literal in it may span several lines


def verdict(checks: "list[Check]", count: int) -> str:
    """The last line."""
    unseen = [check.name for check in checks if check.not_looked]
    not_looked = f"; not checked: {', '.join(unseen)}" if unseen else ""
    nothing = "No findings" if unseen else "This database matches this release"
    found = f"{count} finding{'s' * (count != 1)}" if count else nothing
    return f"{found}{not_looked}."
