"""Whether all readers of the journal keep up."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from wingmanmatch.tools.doctor.report import Finding, Note

_LONG = "interval '24 hours'"


def look_at_readers(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Does every reader keep up? One that stops keeps old months of the journal from being dropped."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute("select to_regclass('wingman_admin.readers')").fetchone() == (None,):
            return
        readers = cursor.execute(
            f"""select name, unread, unread_since < now() - {_LONG}
                from wingman_admin.readers order by name"""  # noqa: S608 - a constant
        ).fetchall()
    for name, unread, is_late in readers:
        if is_late:
            yield Finding(
                "reader",
                f"The reader {name} has not read {unread} events, some of them for more than a day",
                "Run what moves it: `wingman maintain` for statistics and reputations. If nobody needs it: "
                f"select wingman_admin.remove_reader('{name}');",
            )
    yield Note(f"{len(readers)}: {', '.join(name for name, *_ in readers)}")
