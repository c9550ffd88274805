"""Breaks rules on purpose, in a test's own database, to see whether a suite notices."""

from collections.abc import Callable, Mapping

import psycopg
from harness import Connection


def break_function(db: Connection, function: str, old: str, new: str) -> None:
    """Replace a text that occurs exactly once in a function's definition.

    Args:
        function: qualified, as ``wingman.create_match``.
        old: as ``pg_get_functiondef`` tells it, which is not always as the file has it.

    Raises:
        AssertionError: it does not stand there just once, so that something else or nothing would be broken.
    """
    found = db.execute("select pg_get_functiondef(to_regproc(%s)) as body", [function]).fetchone()
    assert found is not None
    body = found["body"] or ""
    assert body.count(old) == 1, f"{function} has no single {old!r}"
    db.execute(body.replace(old, new))


def not_breakable(db: Connection, breaks: Mapping[str, Callable[[], None]]) -> dict[str, str]:
    """Which of these, each tried and undone, no longer break anything, and why."""
    failures = {}
    for name, break_it in breaks.items():
        try:
            with db.transaction(force_rollback=True):
                break_it()
        except (AssertionError, psycopg.Error) as error:
            failures[name] = str(error)
    return failures
