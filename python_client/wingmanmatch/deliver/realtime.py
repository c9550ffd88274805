"""Supabase Realtime: a message to the private topic of a user, in the transaction that settles it."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from wingmanmatch.deliver.delivery import SENT, Delivery, Result, retry

CHANNEL: Final = "realtime"
_EVENT: Final = "notification"
_REFUSED: Final = "realtime_refused"

_SEND: LiteralString = "select realtime.send(%s, %s, %s, true)"
# inserted_at is a time without a zone, now() by default: the time at which this transaction began
_WRITTEN: LiteralString = """
select w.position
from unnest(%s::text[], %s::text[]) with ordinality as w (id, topic, position)
where exists (
    select
    from realtime.messages as m
    where m.topic = w.topic
        and m.payload ->> 'id' = w.id
        and m.event = %s
        and m.extension = 'broadcast'
        and m.private
        and m.inserted_at >= localtimestamp - interval '1 minute'
)
"""


async def broadcast(connection: AsyncConnection[Any], deliveries: Sequence[Delivery]) -> list[Result]:
    """Send these in the transaction that is open.

    ``realtime.send`` reports an error only as a warning, so the rows that it should have written are read.
    """
    if not deliveries:
        return []
    payloads = [payload(one) for one in deliveries]
    topics = [one.target["topic"] for one in deliveries]
    try:
        async with connection.transaction():
            cursor = connection.cursor(row_factory=tuple_row)
            sent = [(Jsonb(told), _EVENT, topic) for told, topic in zip(payloads, topics, strict=True)]
            await cursor.executemany(_SEND, sent)
            await cursor.execute(_WRITTEN, [[told["id"] for told in payloads], topics, _EVENT])
            written = {position for (position,) in await cursor.fetchall()}
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        # there is no such function, or it is not ours to call
        written = set()
    return [SENT if position in written else retry(_REFUSED) for position, _ in enumerate(deliveries, 1)]


def payload(delivery: Delivery) -> dict[str, str | None]:
    """What the subscribers of the topic receive."""
    ids = {"match_id": delivery.match_id, "session_id": delivery.session_id}
    told = {name: None if value is None else str(value) for name, value in ids.items()}
    return {"id": str(delivery.notification_id), "kind": delivery.kind, **told}
