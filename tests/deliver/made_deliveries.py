"""Messages as the database hands them out, and attempts to send them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from wingmanmatch.deliver.delivery import Delivery, Result
from wingmanmatch.deliver.worker import Channel

CREATED_AT = datetime(2030, 5, 4, 12, 30, 0, 250_000, UTC)


def delivery(target: dict[str, Any], **others: Any) -> Delivery:
    """A message to this target."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "token": uuid4(),
        "attempt": 1,
        "time_limit": timedelta(seconds=30),
        "kind": "session_moved",
        "user_id": uuid4(),
        "notification_id": uuid4(),
        "match_id": uuid4(),
        "session_id": uuid4(),
        "created_at": CREATED_AT,
        "useful_until": None,
        "language": "en",
        "title": "Your session has changed",
        "body": "It has a new time or place.",
        "target_id": uuid4(),
        "target": target,
    }
    return Delivery(**{**given, **others})


def attempt(channel: Channel, *deliveries: Delivery) -> list[Result]:
    """What becomes of them, one after the other; the channel is closed afterwards."""

    async def send() -> list[Result]:
        try:
            return [await channel.send(one) for one in deliveries]
        finally:
            await channel.aclose()

    return asyncio.run(send())


def results(channel: Channel, deliveries: Sequence[Delivery]) -> list[tuple[str, str | None]]:
    """The outcome and the error of each."""
    return [(one.outcome, one.error) for one in attempt(channel, *deliveries)]
