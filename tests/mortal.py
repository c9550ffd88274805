"""A function that ends its own backend after one of its statements."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from harness import Connection

# as its owner: only a superuser ends a superuser's backend
_END_ONESELF = """
    create or replace function wingman.end_oneself() returns boolean language plpgsql security definer
    as 'begin return pg_terminate_backend(pg_backend_pid()); end';
    grant execute on function wingman.end_oneself() to wingman_owner
"""
_CALL = " perform wingman.end_oneself();"


class MortalFunction:
    """A PL/pgSQL function, by its qualified name; each statement ends at the end of a line."""

    def __init__(self, db: Connection, name: str) -> None:
        self._db = db
        db.execute(_END_ONESELF)
        row = db.execute("select pg_get_functiondef(to_regproc(%s)::oid) as definition", [name]).fetchone()
        assert row
        self._definition: str = row["definition"]
        self._head, begin, self._body = self._definition.partition("\nbegin\n")
        self._head += begin
        self._ends = [
            found.end()
            for found in re.finditer(r";$", self._body, re.MULTILINE)
            if not re.search(r"(return [^;]*|end if|end);$", self._body[: found.end()])
        ]

    def has_statement(self, number: int) -> bool:
        return number < len(self._ends)

    @contextmanager
    def ending_after(self, number: int) -> Iterator[None]:
        """Meanwhile it ends its backend after its statement of this number, the first being 0."""
        end = self._ends[number]
        self._db.execute(self._head + self._body[:end] + _CALL + self._body[end:])  # type: ignore[call-overload]
        try:
            yield
        finally:
            self._db.execute(self._definition)  # type: ignore[call-overload]
