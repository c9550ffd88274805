"""People who meet, block, leave, read and register browsers while whoever tells them outside is killed."""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import psycopg
from fire.inbox_callers import InboxCaller, Operator
from rows import Pair

FEWEST = 3
"""How many pairs a caller keeps: nobody else is erased."""


class DeliveryCaller(InboxCaller):
    """Also does what changes who is still told."""

    pause_seconds = 0.06

    def __init__(
        self,
        url: Callable[[], str],
        pairs: Sequence[Pair],
        browsers: Mapping[UUID, dict[str, str]],
        chance: random.Random,
    ) -> None:
        """
        Args:
            browsers: what those who have a browser register.
        """
        self._meeting = [*pairs]
        super().__init__(url, self._meeting, [], chance)
        self._browsers = browsers
        self._blocks: list[tuple[UUID, UUID]] = []

    def _turn(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        pair = self._random.choice(self._meeting)
        who, other = self._random.sample((pair.user1, pair.user2), 2)
        chance = self._random.random()
        if chance < 0.03:
            self._blocks.append((who, other))
            self._call(connection, who, "block_user", {"subject_id": other})
        elif chance < 0.06 and len(self._blocks) > len(self._meeting) // 3:
            who, other = self._blocks.pop(0)
            self._call(connection, who, "unblock_user", {"subject_id": other})
        elif chance < 0.066 and len(self._meeting) > FEWEST:
            self._meeting.remove(pair)
            self._call(connection, who, "erase_my_account", {"confirmation": "erase"})
        elif chance < 0.09:
            if newest := self._call(connection, who, "list_notifications", {"page_size": 1}):
                self._call(connection, who, "mark_notifications_read", {"up_to": newest["id"]})
        elif chance < 0.14 and who in self._browsers:
            self._call(connection, who, "register_push_subscription", self._browsers[who])
        else:
            super()._turn(connection)


class DeliveryOperator(Operator):
    """Also enables the webhooks whose receivers have answered 410."""

    def _decide(self, connection: psycopg.Connection[Any]) -> None:
        super()._decide(connection)
        for (webhook_id,) in connection.execute(
            "select id from wingman.webhooks where disabled_at < statement_timestamp() - interval '1 second'"
        ).fetchall():
            connection.execute("select wingman_admin.enable_webhook(%s, 'A test')", [webhook_id])


class Reader(threading.Thread):
    """Fills the inboxes."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._stop_event = threading.Event()

    def stop(self) -> None:
        self._stop_event.set()

    def run(self) -> None:
        while not self._stop_event.wait(0.1):
            with (
                suppress(psycopg.OperationalError),
                psycopg.connect(self._url, autocommit=True) as connection,
            ):
                while not self._stop_event.wait(0.1):
                    connection.execute("select from wingman.run_readers()")
