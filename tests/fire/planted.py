"""Bugs that are planted on purpose: a short run finds each of them, or it could not find any."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from breaking import break_function, not_breakable
from fire.effects import Violation
from harness import Connection
from wingmanmatch.database.paths import ROOT


@dataclass(frozen=True)
class Planted:
    """Something broken, and the rules by which it may be found."""

    rules: set[str]
    breaks: Sequence[tuple[str, str, str]] = ()
    """Functions, each with a text in it and its replacement."""
    statements: Sequence[str] = ()
    """SQL that breaks something else."""

    def plant(self, db: Connection) -> None:
        """Break it."""
        for function, old, new in self.breaks:
            break_function(db, function, old, new)
        for statement in self.statements:
            db.execute(statement)


def assert_found(name: str, bug: Planted, attempts: int, run: Callable[[int], Sequence[Violation]]) -> None:
    """One of the first so many seeds finds it."""
    found: set[str] = set()
    for seed in range(attempts):
        found = {violation.rule for violation in run(seed)}
        print(f"{name}, seed {seed}: {sorted(found)}")
        if found & bug.rules:
            return
    assert found & bug.rules


def not_plantable(db: Connection, bugs: Mapping[str, Planted]) -> dict[str, str]:
    """Those of these that no longer break anything, and why: a run would look for what is not there."""
    return not_breakable(db, {name: partial(bug.plant, db) for name, bug in bugs.items()})


def not_listed(bugs: Mapping[str, Planted]) -> list[str]:
    """Those of these that are not in the document."""
    document = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    return [name for name in bugs if f"| {name} |" not in document]
