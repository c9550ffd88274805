"""The callers: each acts for anybody, by one door, and writes down what it asked and was told."""

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from fire.history import History, Operation
from fire.pair_machine import ALWAYS_POSSIBLE, READS
from harness import LISBON
from wingmanmatch import AsyncCaller, ConnectionLost, WingmanError

Thing: TypeAlias = tuple[str, tuple[str, str]]
"""The id of a match or session, and its two people."""


class World:
    """What the callers know together.

    Args:
        people: the ids of all users.
        recent: how many of the newest matches, and of the newest sessions, are called upon.
    """

    def __init__(self, people: list[str], recent: int) -> None:
        self.people = people
        self.matches: deque[Thing] = deque(maxlen=recent)
        self.sessions: deque[Thing] = deque(maxlen=recent)
        self.older: deque[Thing] = deque()
        """The matches that came before these: to be ended, or their people would never meet again."""
        self.blocks: deque[tuple[str, str]] = deque()
        """Who may have blocked whom: to be taken back, for the same reason."""

    def add(self, match: Thing) -> None:
        if match not in self.matches:
            if len(self.matches) == self.matches.maxlen:
                self.older.append(self.matches[0])
            self.matches.append(match)


@dataclass
class Habits:
    """How often a caller does something odd."""

    gives_up: float = 0.04
    """How often it cancels the task in which it calls."""
    asks_twice: float = 0.03
    """How often it makes a call twice at once with one key, as two clicks do."""
    own_key: float = 0.25
    """How often it gives a key of its own, instead of the client's."""
    asks_again: float = 0.5
    """How often it asks again with the key after an unknown outcome."""


class Caller:
    """One of many that call at once."""

    def __init__(
        self,
        name: str,
        door: str,
        caller_of: Callable[[str], AsyncCaller],
        world: World,
        history: History,
        habits: Habits,
        seed: str,
    ) -> None:
        self.surprises: list[str] = []
        """Exceptions that no caller should meet."""
        self.given_up = 0
        """How many calls ended because their task was cancelled."""
        self._name = name
        self._door = door
        self._caller_of = caller_of
        self._world = world
        self._history = history
        self._habits = habits
        self._random = random.Random(f"{seed} {name}")
        self._tags = 0

    async def run(self, is_over: Callable[[], bool]) -> None:
        acts = {
            self._search: 22,
            self._respond: 26,
            self._confirm: 18,
            self._create_session: 14,
            self._read: 12,
            self._start: 5,
            self._cancel: 3,
            self._end: 10,
            self._block: 3,
            self._unblock: 5,
            self._report: 3,
            self._complete_profile: 4,
            self._pause: 1,
            self._resume: 5,
        }
        while not is_over():
            (act,) = self._random.choices([*acts], [*acts.values()])
            await act()

    async def _search(self) -> None:
        person = self._random.choice(self._world.people)
        self._remember(await self._call(person, "create_automatic_match"))

    async def _respond(self) -> None:
        match_id, person, _ = self._recent(self._world.matches)
        action = self._random.choice(["accept", "accept", "decline"])
        self._remember(await self._call(person, "respond_to_match", match_id=match_id, action=action))

    async def _end(self) -> None:
        match_id, person, other = self._recent(self._world.matches)
        is_older = bool(self._world.older) and self._random.random() < 0.7
        if is_older:
            match_id, (person, other) = self._world.older.popleft()
        done = await self._call(person, "end_match", match_id=match_id)
        if is_older and not is_settled(done):
            self._world.older.append((match_id, (person, other)))

    async def _create_session(self) -> None:
        match_id, person, other = self._recent(self._world.matches)
        soon = datetime.now(UTC) + timedelta(seconds=self._random.uniform(0.1, 0.6))
        done = await self._call(
            person,
            "create_session",
            match_id=match_id,
            scheduled_time=soon.isoformat(),
            venue_name=self._tag(),
        )
        if done.outcome == "answered":
            self._world.sessions.append((done.answer["id"], (person, other)))

    async def _start(self) -> None:
        session_id, person, _ = self._recent(self._world.sessions)
        await self._call(person, "start_session", session_id=session_id)

    async def _cancel(self) -> None:
        session_id, person, _ = self._recent(self._world.sessions)
        await self._call(person, "cancel_session", session_id=session_id, reason=self._tag())

    async def _confirm(self) -> None:
        session_id, person, _ = self._recent(self._world.sessions)
        await self._call(person, "confirm_session_completion", session_id=session_id)

    async def _block(self) -> None:
        _, person, other = self._recent(self._world.matches)
        await self._call(person, "block_user", subject_id=other)
        self._world.blocks.append((person, other))

    async def _unblock(self) -> None:
        _, person, other = self._recent(self._world.matches)
        is_blocked = bool(self._world.blocks) and self._random.random() < 0.8
        if is_blocked:
            person, other = self._world.blocks.popleft()
        done = await self._call(person, "unblock_user", subject_id=other)
        if is_blocked and not is_settled(done):
            self._world.blocks.append((person, other))

    async def _report(self) -> None:
        _, person, other = self._recent(self._world.matches)
        await self._call(person, "report_user", subject_id=other, reason=self._tag())

    async def _complete_profile(self) -> None:
        person = self._random.choice(self._world.people)
        about = {"first_name": "Ana", "experience_level": "beginner", "bio": self._tag()}
        await self._call(person, "complete_profile", **about, **LISBON)

    async def _pause(self) -> None:
        await self._call(self._random.choice(self._world.people), "pause_matching")

    async def _resume(self) -> None:
        await self._call(self._random.choice(self._world.people), "resume_matching")

    async def _read(self) -> None:
        match_id, person, _ = self._recent(self._world.matches)
        session_id, participant, _ = self._recent(self._world.sessions)
        read, who, arguments = self._random.choice(
            [
                ("get_match", person, {"match_id": match_id}),
                ("get_session", participant, {"session_id": session_id}),
                ("get_profile", person, {}),
            ]
        )
        await self._call(who, read, **arguments)

    def _tag(self) -> str:
        """A text that no other call writes, so that a row tells which call wrote it."""
        self._tags += 1
        return f"{self._name} {self._tags}"

    def _recent(self, known: deque[Thing]) -> tuple[str, str, str]:
        """A recent match or session, one of its people and the other."""
        if not known:
            person, other = self._random.sample(self._world.people, 2)
            return str(UUID(int=self._random.getrandbits(128), version=4)), person, other
        id_, pair = self._random.choice(known)
        person, other = self._random.sample(pair, 2)
        return id_, person, other

    def _remember(self, done: Operation) -> None:
        if done.outcome == "answered":
            offer = done.answer.get("next_match") or done.answer
            if offer.get("match_id"):
                pair = sorted((done.person, offer["buddy_user_id"]))
                self._world.add((offer["match_id"], (pair[0], pair[1])))

    async def _call(self, person: str, call: str, **arguments: Any) -> Operation:
        """Make a call, in one of the ways of a caller; the operation that the caller goes on with."""
        writes, chance = call not in READS, self._random.random()
        key = None
        if writes and (chance < self._habits.asks_twice or self._random.random() < self._habits.own_key):
            key = str(UUID(int=self._random.getrandbits(128), version=4))
        if writes and chance < self._habits.asks_twice:
            both = (self._make(person, call, arguments, key) for _ in range(2))
            done, _ = await asyncio.gather(*both)
        elif chance < self._habits.asks_twice + self._habits.gives_up:
            done = await self._give_up(person, call, arguments, key)
        else:
            done = await self._make(person, call, arguments, key)
        may_ask_again = writes and done.outcome == "unknown" and done.key
        if may_ask_again and self._random.random() < self._habits.asks_again:
            done = await self._make(person, call, arguments, done.key)
        return done

    async def _give_up(self, person: str, call: str, arguments: dict[str, Any], key: str | None) -> Operation:
        """Make a call in a task, and cancel that after some milliseconds if it has not ended."""
        operation = self._history.invoke(self._door, person, call, arguments, key)
        task = asyncio.create_task(self._perform(operation))
        await asyncio.wait([task], timeout=self._random.uniform(0, 0.02))
        task.cancel()
        await asyncio.wait([task])
        if task.cancelled():
            self.given_up += 1
            if operation.completed is None:
                self._history.lose(operation, "cancelled", key)
        return operation

    async def _make(self, person: str, call: str, arguments: dict[str, Any], key: str | None) -> Operation:
        operation = self._history.invoke(self._door, person, call, arguments, key)
        await self._perform(operation)
        return operation

    async def _perform(self, operation: Operation) -> None:
        """Make the call of an operation, and write down its end."""
        given, key = dict(operation.arguments), operation.key
        if "scheduled_time" in given:
            given["scheduled_time"] = datetime.fromisoformat(given["scheduled_time"])
        if key is not None:
            given["idempotency_key"] = key
        try:
            answer = await getattr(self._caller_of(operation.person), operation.call)(**given)
        except ConnectionLost as error:
            if error.may_have_taken_effect:
                self._history.lose(operation, "connection_lost", error.idempotency_key)
            else:
                self._history.refuse(operation, "connection_lost", {}, error.idempotency_key)
        except WingmanError as error:
            self._history.refuse(operation, error.name, error.context, error.idempotency_key)
        except Exception as error:
            self.surprises.append(f"{operation.call}: {error!r}")
            self._history.lose(operation, repr(error), key)
        else:
            used, replayed = getattr(answer, "idempotency_key", None), getattr(answer, "replayed", False)
            self._history.answer(operation, answer.model_dump(mode="json"), used, replayed)


def is_settled(operation: Operation) -> bool:
    """Whether making the call again would change nothing."""
    return operation.outcome == "answered" or (
        operation.outcome == "refused" and operation.error not in ALWAYS_POSSIBLE
    )


def outcomes(history: History) -> Counter[tuple[str, str]]:
    """How often each call ended how."""
    return Counter((operation.call, operation.error or operation.outcome) for operation in history.operations)
