"""``wingman deliver`` with the other sides of a run, and perhaps with a bug.

``python -m fire.delivery_process`` takes what it needs as JSON from the variable WINGMAN_FIRE_WORKER.
"""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import uuid4

import psycopg
from deliver.push_process import local_push
from wingmanmatch.deliver import posting, process, realtime
from wingmanmatch.deliver.delivery import SENT, Delivery, Result
from wingmanmatch.deliver.process import Made, deliver, made_channels
from wingmanmatch.deliver.settings import CHANNELS, Settings
from wingmanmatch.deliver.worker import Channel, Worker

VARIABLE = "WINGMAN_FIRE_WORKER"


@dataclass(frozen=True)
class Part:
    """What a worker is told."""

    name: str
    """Its connections to the database have it, its requests and the sender of its e-mails."""
    database_url: str
    mail_port: int
    push_port: int
    certificate: str
    """Of the authority that has signed the push service's."""
    vapid_key: str
    bug: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """The environment of the process."""
        return {VARIABLE: json.dumps(asdict(self)), "PGAPPNAME": self.name}


FRESH_IDS = "a retry makes a new id"
SETTLED_FIRST = "messages are settled as sent before they are sent"
FORGETS = "a worker that is told to stop forgets what it is sending"
SETTLED_APART = "Realtime is settled in a separate transaction"


class _WithFreshIds:
    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.name = channel.name
        self.host = channel.host
        self.aclose = channel.aclose

    async def send(self, delivery: Delivery) -> Result:
        is_first = delivery.attempt == 1
        return await self._channel.send(delivery if is_first else replace(delivery, id=uuid4()))


class _SettlesFirst(Worker):
    async def _attempt(self, channel: Channel, delivery: Delivery, *others: Any) -> None:
        await self._queue.exchange(channel.name, [(delivery, SENT)], 0)
        await super()._attempt(channel, delivery, *others)


class _Forgets(Worker):
    def end(self) -> None:
        os._exit(0)


class _SettlesApart(Worker):
    async def _broadcast(self, line: Any) -> int:
        _, deliveries = await self._queue.exchange(line.name, [], 50)
        async with self._queue.transaction() as connection:
            results = await realtime.broadcast(connection, deliveries)
        # as if the database were slow
        await asyncio.sleep(0.5)
        await self._queue.exchange(line.name, [*zip(deliveries, results, strict=True)], 0)
        return len(deliveries)


_BUGS = {SETTLED_FIRST: _SettlesFirst, FORGETS: _Forgets, SETTLED_APART: _SettlesApart}


def settings_of(part: Part) -> Settings:
    """As the command would make them of its options."""
    return Settings(
        part.database_url,
        channels=CHANNELS,
        at_once=16,
        poll_seconds=0.05,
        smtp_url=f"smtp://127.0.0.1:{part.mail_port}?starttls=never",
        mail_from=f"WingmanMatch <{part.name}@wingman.example>",
        app_url="https://wingman.example",
        public_url="https://wingman.example",
        link_key="a key for the links of a run, long enough",
        vapid_key=part.vapid_key,
        vapid_contact="mailto:push@wingman.example",
    )


def made(part: Part) -> Callable[[Settings], list[Made]]:
    """The channels as they are, but for where push services are and who has signed for them."""

    def make(settings: Settings) -> list[Made]:
        push = local_push(settings, part.push_port, part.certificate)
        channels = [push if one.name == "web_push" else (one, n) for one, n in made_channels(settings)]
        return [(_WithFreshIds(one), n) for one, n in channels] if part.bug == FRESH_IDS else channels

    return make


def main() -> int:
    """Run until SIGTERM; 1 if the database was away at the start."""
    part = Part(**json.loads(os.environ[VARIABLE]))
    # receivers see who has sent it
    posting._USER_AGENT = part.name
    if part.bug in _BUGS:
        process.Worker = _BUGS[part.bug]
    try:
        deliver(settings_of(part), None, made(part))
    except psycopg.OperationalError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
