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
                "reputations, leaderboard and achievements. If you no longer need another: "
                f"select wingman_admin.remove_reader('{name}');",
            )
    yield Note(f"{len(readers)}: {', '.join(name for name, *_ in readers)}")


def look_at_leaderboard(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Has the leaderboard counted what the ledger says, for those who completed a session lately?"""
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute("select to_regproc('wingman.leaderboard_differences')").fetchone() == (None,):
            return
        found = cursor.execute(
            """select count(*)
               from wingman.leaderboard_differences(array(
                   select distinct g.user_id
                   from (
                       select e.user_id from wingman.reputation_events as e
                       order by e.xid desc, e.id desc limit 1000
                   ) as g
               ))"""
        ).fetchone()
    if found and found[0]:
        yield Finding(
            "leaderboard",
            f"{found[0]} counts of the leaderboard are not those of the ledger",
            "select * from wingman.leaderboard_differences(); docs/leaderboard.md says how to count anew.",
        )
