"""Passes new notifications on to streams: one poller in each process, however many clients listen."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from time import monotonic, time
from typing import Final

from wingmanmatch.call.one_trip import Statement
from wingmanmatch.call.reconnecting import RECONNECT_SECONDS
from wingmanmatch.http.database import Database
from wingmanmatch.http.failures import (
    Failure,
    internal_error,
    overloaded,
    profile_incomplete,
    too_many_streams,
)
from wingmanmatch.http.settings import Settings

LEFT: Final = "left"
EXPIRED: Final = "expired"
ERASED: Final = "erased"
SHUTDOWN: Final = "shutdown"
TOO_SLOW: Final = "too_slow"

QUEUE: Final = 100
"""The most messages that may wait for a listener."""
_ROWS: Final = 1000
"""The most notifications that one round reads."""
_BEHIND: Final = 50
"""The most listeners that get a page in one round because they are behind."""
_ERASURE_SECONDS: Final = 3.0
"""How often it checks who has been erased."""
_SWEEP_SECONDS: Final = 0.5
"""How often it checks whose token has expired and which heartbeats are due."""

HEARTBEAT: Final = b":\n\n"

_LOOK: Final = Statement.of(
    b"select wingman.last_told()::text,"
    b" (select coalesce(json_agg(w.id), '[]')::text from wingman.without_profile($1::uuid[]) as w (id))"
)
_TOLD: Final = Statement.of(b"select t.id::text, t.user_id::text from wingman.told_after($1, $2) as t")
_BETWEEN: Final = Statement.of(
    b"select r.place::text, n.id::text, to_json(n)::text"
    b" from unnest($1::uuid[], $2::uuid[]) with ordinality as r (user_id, after, place)"
    b" cross join lateral wingman.notifications_between(r.user_id, r.after, $3, $4) as n"
    b" order by r.place, n.id"
)

log = logging.getLogger(__name__)


def message(event: str, message_id: str, data: bytes) -> bytes:
    """A message of a stream; the data is one line."""
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (message_id.encode(), event.encode(), data)


class Listener:
    """One stream: what it still has to send, and why it ended."""

    __slots__ = (
        "_ahead",
        "_waiting",
        "after",
        "beat_at",
        "ended",
        "expires_at",
        "hang_up",
        "is_beat_due",
        "is_behind",
        "is_sending",
        "since",
        "user_id",
    )

    def __init__(self, user_id: str, after: str | None, expires_at: float) -> None:
        self.user_id = user_id
        self.since = after
        """The last message that the client has seen; once admitted, the id that the stream goes on after."""
        self.expires_at = expires_at
        self.after: str | None = None
        """It has been given every message up to this id; None until the feed has admitted it."""
        self.is_behind = False
        """Whether it needs pages of later messages."""
        self.is_sending = False
        self.is_beat_due = False
        self.beat_at = 0.0
        self.ended: str | None = None
        """Why it ended."""
        self.hang_up: Callable[[], None] = _do_nothing
        """Closes the connection at once."""
        self._ahead: list[bytes] = []
        self._waiting: asyncio.Future[None] | None = None

    @property
    def wants_page(self) -> bool:
        """Whether it is behind and has nothing left to send."""
        return self.is_behind and not self._ahead and not self.is_sending and self.ended is None

    def take(self, messages: Iterable[tuple[str, bytes]]) -> bool:
        """Queue messages in the order of their ids, without those given before; False if they do not fit."""
        news = [one for one in messages if one[0] > (self.after or "")]
        has_room = len(self._ahead) + len(news) <= QUEUE
        if has_room:
            self._append(news)
        return has_room

    def take_page(self, messages: Sequence[tuple[str, bytes]], up_to: str, *, is_last: bool) -> None:
        """Queue a page of the messages it lacks; after the last page it has everything up to ``up_to``."""
        self._append(messages)
        if is_last:
            self.is_behind = False
            self.after = max(self.after or "", up_to)

    def _append(self, messages: Sequence[tuple[str, bytes]]) -> None:
        if messages:
            self._ahead += [content for _, content in messages]
            self.after = messages[-1][0]
            self.wake()

    async def next(self) -> bytes | None:
        """Wait for something to send, and return it; None: the stream has ended."""
        while self.ended is None:
            if self._ahead:
                ahead, self._ahead = self._ahead, []
                return b"".join(ahead)
            if self.is_beat_due:
                self.is_beat_due = False
                return HEARTBEAT
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting
        return None

    def wake(self) -> None:
        """Let ``next`` look again."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def end(self, reason: str) -> None:
        """End the stream, without waiting for a client that does not read."""
        if self.ended is None:
            self.ended = reason
            if self.is_sending:
                self.hang_up()
            self.wake()


def _do_nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class _Newcomer:
    listener: Listener
    taken_in: "asyncio.Future[None]"


class Feed:
    """Polls for new notifications while anybody listens, and passes each one on to the streams of its user.

    It queues for a connection as a user's call does. One loop does everything and knows how far it has read,
    so a stream that is opened meanwhile misses nothing.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._listeners: dict[str, list[Listener]] = {}
        self.count = 0
        """How many streams are open."""
        self._newcomers: list[_Newcomer] = []
        self._behind: dict[Listener, None] = {}
        self._position: str | None = None
        """The id up to which it has read; None while nobody listens."""
        self._looked_at = 0.0
        self._somebody = asyncio.Event()
        self._asked = asyncio.Event()
        self._is_away = False

    async def join(self, user_id: str, after: str | None, expires_at: float) -> Listener:
        """Open a stream.

        Args:
            user_id: whose stream it is.
            after: the last message that the client has seen; None: only new ones.
            expires_at: when the token expires.

        Raises:
            Failure: there are too many streams, the user has no profile, or the database is away.
        """
        if len(self._listeners.get(user_id, ())) >= self._settings.max_streams_of_one:
            raise too_many_streams()
        if self.count >= self._settings.max_streams:
            raise overloaded()
        listener = Listener(user_id, after, expires_at)
        listener.beat_at = monotonic() + self._settings.heartbeat_seconds
        newcomer = _Newcomer(listener, asyncio.get_running_loop().create_future())
        self._listeners.setdefault(user_id, []).append(listener)
        self.count += 1
        self._newcomers.append(newcomer)
        self._somebody.set()
        self._asked.set()
        try:
            await newcomer.taken_in
        except BaseException:
            self.leave(listener)
            raise
        return listener

    def leave(self, listener: Listener) -> None:
        """Close a stream."""
        self._behind.pop(listener, None)
        of_user = self._listeners[listener.user_id]
        of_user.remove(listener)
        if not of_user:
            del self._listeners[listener.user_id]
        self.count -= 1
        if not self.count:
            self._somebody.clear()
            self._position = None

    def ask_for_page(self) -> None:
        """Let a listener that is behind and has nothing left to send get its next page soon."""
        self._asked.set()

    async def keep_reading(self) -> None:
        """Poll until the task is cancelled; while the database is away, keep trying."""
        while True:
            await self._somebody.wait()
            self._asked.clear()
            try:
                has_more = await self._round()
            except Failure as failure:
                self._refuse_newcomers(failure)
                self._note_away(failure)
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            except Exception:
                self._refuse_newcomers(internal_error())
                log.exception("Reading new notifications has failed")
                await asyncio.sleep(RECONNECT_SECONDS)
                continue
            if self._is_away:
                self._is_away = False
                log.info("New notifications can be read again")
            if not has_more:
                await self._pause()

    async def keep_swept(self) -> None:
        """End the streams whose token has expired, and send the heartbeats that are due."""
        while True:
            await self._somebody.wait()
            now, clock = monotonic(), time()
            for of_user in [*self._listeners.values()]:
                for listener in of_user:
                    if listener.expires_at <= clock:
                        listener.end(EXPIRED)
                    elif listener.beat_at <= now:
                        listener.beat_at = now + self._settings.heartbeat_seconds
                        listener.is_beat_due = True
                        listener.wake()
            await asyncio.sleep(min(_SWEEP_SECONDS, self._settings.heartbeat_seconds))

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._settings.poll_seconds):
                await self._asked.wait()
        except TimeoutError:
            pass

    async def _round(self) -> bool:
        """Admit new streams, and pass on new notifications; whether there may be more of them."""
        await self._look()
        if self._position is None:
            return False
        before = self._position
        result = await self._database.read(_TOLD, [before.encode(), b"%d" % _ROWS])
        told: dict[str, int] = {}
        position = before
        for row in range(result.ntuples):
            position = _text(result.get_value(row, 0))
            user_id = _text(result.get_value(row, 1))
            if user_id in self._listeners:
                told[user_id] = told.get(user_id, 0) + 1
        news = [user_id for user_id, count in told.items() if count <= QUEUE]
        behind = [*islice((one for one in self._behind if one.wants_page), _BEHIND)]
        starts = [(user_id, before) for user_id in news] + [(one.user_id, one.after or "") for one in behind]
        found = await self._between(starts, position)
        if self._position is None:
            # all streams were closed meanwhile
            return False
        self._position = position
        found_of = dict(zip(news, found, strict=False))
        for user_id in told:
            for listener in self._taken_in(user_id):
                messages = found_of.get(user_id)
                if not listener.is_behind and (messages is None or not listener.take(messages)):
                    self._leave_behind(listener)
        for listener, messages in zip(behind, found[len(news) :], strict=True):
            listener.take_page(messages, position, is_last=len(messages) < QUEUE)
            # it queues behind the others for its next page; it may have been closed
            if self._behind.pop(listener, self) is None and listener.is_behind:
                self._behind[listener] = None
        return result.ntuples == _ROWS

    def _taken_in(self, user_id: str) -> list[Listener]:
        return [one for one in self._listeners.get(user_id, ()) if one.after is not None]

    def _leave_behind(self, listener: Listener) -> None:
        """More messages than may wait for a listener: it gets them page by page, as it sends them."""
        if listener.is_sending:
            listener.end(TOO_SLOW)
            return
        listener.is_behind = True
        self._behind[listener] = None
        self._asked.set()

    async def _between(self, starts: Sequence[tuple[str, str]], up_to: str) -> list[list[tuple[str, bytes]]]:
        """The messages of users after the id given for each, at most as many as may wait for a listener."""
        found: list[list[tuple[str, bytes]]] = [[] for _ in starts]
        if not starts:
            return found
        result = await self._database.read(
            _BETWEEN,
            [
                _array(user_id for user_id, _ in starts),
                _array(after for _, after in starts),
                up_to.encode(),
                b"%d" % QUEUE,
            ],
        )
        for row in range(result.ntuples):
            place, message_id, content = (result.get_value(row, column) for column in range(3))
            told = message("notification", _text(message_id), content or b"")
            found[int(_text(place)) - 1].append((_text(message_id), told))
        return found

    async def _look(self) -> None:
        """Admit new streams, and end those of users who were erased."""
        newcomers = self._newcomers
        is_due = monotonic() - self._looked_at >= _ERASURE_SECONDS
        if not newcomers and not is_due and self._position is not None:
            return
        users = self._listeners if is_due else {one.listener.user_id for one in newcomers}
        newcomers = [*newcomers]
        result = await self._database.read(_LOOK, [_array(users)])
        last, without = _text(result.get_value(0, 0)), {*json.loads(result.get_value(0, 1) or b"[]")}
        if is_due:
            self._looked_at = monotonic()
        self._begin_at(last)
        del self._newcomers[: len(newcomers)]
        for newcomer in newcomers:
            if newcomer.taken_in.done():
                continue
            if newcomer.listener.user_id in without:
                newcomer.taken_in.set_exception(profile_incomplete())
            else:
                self._take_in(newcomer.listener, last)
                newcomer.taken_in.set_result(None)
        for user_id in without:
            for listener in self._taken_in(user_id):
                listener.end(ERASED)

    def _begin_at(self, last: str) -> None:
        """Go on from the newest notification if that is before the position: the database was restored."""
        if self._position is not None and last < self._position:
            for of_user in self._listeners.values():
                for listener in of_user:
                    if listener.after is not None:
                        listener.after = min(listener.after, last)
            self._position = last
        elif self._position is None and self.count:
            self._position = last

    def _take_in(self, listener: Listener, last: str) -> None:
        assert self._position is not None
        # the client may be ahead: another process, which has read further, may have sent it more
        listener.since = last if listener.since is None else min(listener.since, last)
        listener.after = listener.since
        if listener.after < self._position:
            self._leave_behind(listener)

    def _refuse_newcomers(self, failure: Failure) -> None:
        newcomers, self._newcomers = self._newcomers, []
        for newcomer in newcomers:
            if not newcomer.taken_in.done():
                newcomer.taken_in.set_exception(failure)

    def _note_away(self, failure: Failure) -> None:
        if not self._is_away:
            self._is_away = True
            log.warning("New notifications cannot be read: %s", failure.name)


def _array(values: Iterable[str]) -> bytes:
    return b"{%s}" % ",".join(values).encode()


def _text(value: bytes | None) -> str:
    return (value or b"").decode()
