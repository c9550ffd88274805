"""Who listens while ``wingman serve`` is killed, and goes on after the last message that was heard."""

import threading
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from uuid import UUID

import psycopg
from fire.inbox_rules import Heard
from listening import Ear, listening

PAGE = 5
"""How many notifications the watcher asks for at a time."""
NOTHING = "00000000-0000-0000-0000-000000000000"


class Listener(threading.Thread):
    """Listens to a user's stream, and comes back by Last-Event-ID whenever it is cut."""

    def __init__(self, name: str, user_id: UUID, url: Callable[[], str], token: str) -> None:
        super().__init__(daemon=True)
        self.cuts = 0
        """How often its stream ended before it wanted to go."""
        self.surprises: list[str] = []
        self._heard = Heard(name, user_id)
        self._url = url
        self._token = token
        self._ear: Ear | None = None
        self._stop_event = threading.Event()

    @property
    def heard(self) -> Heard:
        """What it has heard so far."""
        before, ear = self._heard, self._ear
        return Heard(before.name, before.user_id, before.since, before.ids + (ear.ids if ear else []))

    @property
    def is_open(self) -> bool:
        """Whether it is listening at this moment."""
        ear = self._ear
        return ear is not None and not ear.is_over

    def stop(self) -> None:
        self._stop_event.set()
        if ear := self._ear:
            ear.close()

    def run(self) -> None:
        position: str | None = None
        while not self._stop_event.is_set():
            with suppress(OSError, HTTPException, TimeoutError):
                position = self._listen(position)
            self._stop_event.wait(0.05)

    def _listen(self, position: str | None) -> str | None:
        """Over one connection; from where the next one goes on."""
        with listening(self._url(), self._token, after=position) as ear:
            if ear.status != 200 or not ear.messages:
                return position
            if position is None:
                self._heard.since = ear.ready_id
            elif ear.ready_id != position:
                self.surprises.append(f"{self._heard.name} asked for {position} and got {ear.ready_id}")
            position = ear.ready_id
            self._ear = ear
            while not ear.is_over and not self._stop_event.is_set():
                with suppress(TimeoutError):
                    ear.until(lambda one: one.is_over or self._stop_event.is_set())
        self._ear = None
        self.cuts += not self._stop_event.is_set()
        self._heard.ids += ear.ids
        return ear.ids[-1] if ear.ids else position


class Watcher(threading.Thread):
    """Asks again and again what is newer than all that it knows, as a server that pushes does."""

    def __init__(self, url: Callable[[], str]) -> None:
        super().__init__(daemon=True)
        self.heard = Heard("the watcher", None, NOTHING)
        self._url = url
        self._stop_event = threading.Event()

    def stop(self) -> None:
        self._stop_event.set()

    def run(self) -> None:
        ids = self.heard.ids
        while not self._stop_event.wait(0.05):
            url = self._url()
            with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as db:
                while not self._stop_event.wait(0.01) and url == self._url():
                    newest = ids[-1] if ids else NOTHING
                    rows = db.execute("select id::text from wingman.told_after(%s, %s)", [newest, PAGE])
                    ids += [row[0] for row in rows]
