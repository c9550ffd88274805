"""Whether what is to be told outside is sent."""

from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from wingmanmatch.tools.doctor.report import Finding, Note

_LONG = "interval '10 minutes'"


def look_at_deliveries(connection: psycopg.Connection[Any]) -> Iterator[Finding | Note]:
    """Is somebody sending what is due? The calls of users do not wait for it, so nobody else notices."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        if cursor.execute("select to_regclass('wingman_admin.delivery_backlog')").fetchone() == (None,):
            return
        backlog = cursor.execute(
            f"""select channel, state, messages, coalesce(due_since < now() - {_LONG}, false)
                from wingman_admin.delivery_backlog order by channel, state"""  # noqa: S608 - a constant
        ).fetchall()
    for channel, _, messages, is_late in backlog:
        if is_late:
            yield Finding(
                "delivery",
                f"Messages of the channel {channel} are not sent: {messages} are due, the oldest for over "
                "ten minutes",
                "Run `wingman deliver` with this channel. If it runs, its log says what it cannot reach.",
            )
    dead = sum(messages for _, state, messages, _ in backlog if state == "dead")
    yield Note(f"{dead} given up" + (", see wingman_admin.dead_deliveries" if dead else ""))
