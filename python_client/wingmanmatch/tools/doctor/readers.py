"""Whether all readers of the journal keep up."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from wingmanmatch.tools.doctor.report import Finding, Note

_LONG = "interval '10 minutes'"


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
                f"The reader {name} is behind: {unread} rows left to read, the oldest for over ten minutes",
                "Run what moves it: `wingman maintain --readers --every 0.25` for inbox, statistics, "
                "reputations and achievements. If you no longer need another: "
                f"select wingman_admin.remove_reader('{name}');",
            )
    yield Note(f"{len(readers)}: {', '.join(name for name, *_ in readers)}")
