"""Clients and operators who do everything at random, bad input included, among the same few people."""

import random
import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from harness import LISBON, Caller, Connection, RpcError
from psycopg.types.json import Jsonb

A_MILLISECOND = timedelta(milliseconds=1)
LEVELS = ("beginner", "intermediate", "advanced")

# What makes sense as a refusal of a call that chaos makes; anything else is a bug.
_ANY = {"acting_for_another", "profile_incomplete", "user_not_found"}
_WRITER = _ANY | {"busy", "missing_argument"}
_MATCH = {"match_not_found", "not_match_participant"}
_SESSION = {"session_not_found", "not_session_participant"}
_BARRED = {"account_suspended"}
_SCHEDULE = {"invalid_argument", "invalid_schedule", "schedule_conflict"}
_TIMELY = {"invalid_session_state", "session_time_passed"}
_REPORT = {"no_show_not_found", "no_show_already_decided"}
_DECISION = {"busy", "missing_argument", "invalid_argument", "session_not_found", "invalid_session_state"}
SENSIBLE: dict[str, set[str]] = {
    "complete_profile": {"busy", "acting_for_another", "invalid_argument"},
    "get_profile": _ANY,
    "create_automatic_match": _WRITER | _BARRED | {"invalid_radius", "matching_paused", "matching_cooldown"},
    "respond_to_match": _WRITER
    | _MATCH
    | _BARRED
    | {"invalid_action", "match_expired", "match_already_resolved"},
    "end_match": _WRITER | _MATCH | {"match_not_accepted"},
    "get_match": _ANY | _MATCH,
    "list_matches": _ANY | {"invalid_argument"},
    "pause_matching": _WRITER,
    "resume_matching": _WRITER,
    "explain_match": _ANY | _MATCH,
    "why_no_match": _ANY | {"invalid_radius"},
    "create_session": _WRITER
    | _MATCH
    | _BARRED
    | _SCHEDULE
    | {"match_not_accepted", "active_session_exists"},
    "agree_to_session": _WRITER
    | _SESSION
    | _BARRED
    | _TIMELY
    | {"self_agreement", "proposal_changed", "schedule_conflict"},
    "reschedule_session": _WRITER | _SESSION | _BARRED | _TIMELY | _SCHEDULE,
    "start_session": _WRITER | _SESSION | {"invalid_session_state", "too_early"},
    "cancel_session": _WRITER | _SESSION | {"invalid_session_state", "invalid_argument"},
    "confirm_session_completion": _WRITER
    | _SESSION
    | {
        "self_confirmation",
        "buddy_not_in_session",
        "already_confirmed",
        "session_not_confirmable",
        "session_not_started",
    },
    "report_no_show": _WRITER
    | _SESSION
    | _BARRED
    | {
        "invalid_argument",
        "already_confirmed",
        "invalid_session_state",
        "buddy_not_committed",
        "no_show_too_early",
        "no_show_window_closed",
        "no_show_already_decided",
    },
    "answer_no_show": _WRITER | _SESSION | _REPORT | {"invalid_argument", "no_show_already_answered"},
    "withdraw_no_show": _WRITER | _SESSION | _REPORT,
    "list_no_show_reports": _ANY | {"invalid_argument"},
    "get_session": _ANY | _SESSION,
    "list_sessions": _ANY | {"invalid_argument"},
    "get_reputation": _ANY | {"reputation_not_visible"},
    "block_user": _WRITER | {"invalid_argument"},
    "unblock_user": _WRITER | {"invalid_argument"},
    "report_user": _WRITER | {"invalid_argument"},
    "wingman_admin.mark_no_show": _DECISION | {"not_session_participant", "session_not_started"},
    "wingman_admin.revert_completion": _DECISION,
    "wingman_admin.decide_no_show": {"busy", "missing_argument", "invalid_argument", *_SESSION}
    | _REPORT
    | {"no_show_answer_pending"},
    "wingman_admin.suspend_user": {"busy", "missing_argument", "invalid_argument", "user_not_found"},
    "wingman_admin.lift_suspension": {"busy", "missing_argument", "invalid_argument", "user_not_suspended"},
    "wingman_admin.change_settings": {"busy", "missing_argument", "invalid_argument"},
    "wingman_admin.reconcile_reputation": {"busy"},
    "wingman.run_maintenance": {"busy"},
}


@dataclass(frozen=True)
class Deed:
    """What one person did to another, and between which moments."""

    pair: tuple[UUID, UUID]
    began: datetime
    ended: datetime


@dataclass
class World:
    """What the clients know together. Appending to a deque and counting rows need no lock between threads."""

    operator: Connection
    people: list[UUID]
    stranger: UUID
    """Somebody who has signed up and has no profile."""
    matches: deque[tuple[UUID, UUID, UUID]] = field(default_factory=lambda: deque(maxlen=60))
    """Recent matches with their two people."""
    news: deque[UUID] = field(default_factory=lambda: deque(maxlen=10))
    """The newest matches."""
    sessions: deque[tuple[UUID, UUID, UUID]] = field(default_factory=lambda: deque(maxlen=40))
    """Recent sessions with their two people."""
    reported: deque[tuple[UUID, UUID, UUID]] = field(default_factory=lambda: deque(maxlen=20))
    """Sessions of recent reports of no-shows, with their two people."""
    suspended: deque[UUID] = field(default_factory=lambda: deque(maxlen=10))
    """Suspensions to lift."""
    blocks: deque[tuple[UUID, UUID]] = field(default_factory=lambda: deque(maxlen=100))
    """Blocks to take back: who, and whom."""
    blocked: list["Deed"] = field(default_factory=list)
    unblocked: list["Deed"] = field(default_factory=list)

    def were_blocked(self, user_id: UUID, other_id: UUID, at: datetime) -> bool:
        """Whether a block bound the two at that moment, a millisecond's start, beyond doubt."""
        return any(
            block.ended < at
            and not any(
                unblock.pair == block.pair
                and unblock.ended > block.began
                and unblock.began <= at + A_MILLISECOND
                for unblock in self.unblocked
            )
            for block in self.blocked
            if set(block.pair) == {user_id, other_id}
        )


class Somebody(ABC):
    """A connection with its own random seed, and a record of the answers it got."""

    def __init__(self, world: World, connection: Connection, seed: str) -> None:
        self.heard: Counter[tuple[str, str]] = Counter()
        self._world = world
        self.connection = connection
        self._random = random.Random(seed)

    @abstractmethod
    def acts(self) -> dict[Callable[[], None], int]:
        """What it does, and how often."""

    def run(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        acts = self.acts()
        while time.monotonic() < deadline:
            (act,) = self._random.choices([*acts], [*acts.values()])
            act()

    def _heard(self, caller: Caller, function: str, **arguments: Any) -> Any:
        """The answer, or None for a refusal, which is recorded by its name or else by its whole text."""
        try:
            answer = caller.call(function, **arguments)
        except RpcError as refusal:
            self.heard[function, refusal.name or str(refusal)] += 1
            return None
        self.heard[function, "answered"] += 1
        return answer

    def _maybe(self, chance: float) -> bool:
        return self._random.random() < chance

    def _anybody(self) -> UUID:
        return self._world.stranger if self._maybe(0.01) else self._random.choice(self._world.people)

    def _recent(self, known: deque[tuple[UUID, UUID, UUID]]) -> tuple[UUID, UUID, UUID]:
        """A recent match or session, one of its people (rarely somebody else), and the other."""
        if not known or self._maybe(0.02):
            return uuid4(), self._anybody(), self._anybody()
        thing_id, *pair = self._random.choice(list(known))
        self._random.shuffle(pair)
        return thing_id, self._anybody() if self._maybe(0.03) else pair[0], pair[1]


class Operator(Somebody):
    """Decides about sessions, and looks after the books; ``differences`` is what it found wrong in them."""

    def __init__(self, world: World, connection: Connection, seed: str) -> None:
        super().__init__(world, connection, seed)
        self.differences: list[Any] = []
        self._caller = Caller(lambda: connection, None, {})

    def acts(self) -> dict[Callable[[], None], int]:
        return {
            self._revert: 10,
            self._mark: 8,
            self._decide: 12,
            self._suspend: 1,
            self._lift: 4,
            self._change_acceptance: 1,
            self._reconcile: 2,
            self._maintain: 1,
        }

    def _reason(self) -> str | None:
        (reason,) = self._random.choices(["Never met", "", "x" * 501, None], [60, 1, 1, 1])
        return reason

    def _revert(self) -> None:
        session_id, _, _ = self._recent(self._world.sessions)
        self._heard(
            self._caller, "wingman_admin.revert_completion", session_id=session_id, reason=self._reason()
        )

    def _mark(self) -> None:
        session_id, absent_id, _ = self._recent(self._world.sessions)
        self._heard(
            self._caller,
            "wingman_admin.mark_no_show",
            session_id=session_id,
            absent_user_id=absent_id,
            reason=self._reason(),
        )

    def _decide(self) -> None:
        session_id, absent_id, other_id = self._recent(self._world.reported)
        (absent,) = self._random.choices([[absent_id], [other_id], [absent_id, other_id], None], [4, 4, 1, 8])
        self._heard(
            self._caller,
            "wingman_admin.decide_no_show",
            session_id=session_id,
            outcome="uphold" if absent else self._random.choice(["dismiss"] * 6 + ["odd"]),
            absent_user_ids=absent,
            reason=self._reason(),
        )

    def _suspend(self) -> None:
        user_id = self._anybody()
        until = self._random.choice([None, datetime.now(UTC) + timedelta(seconds=1)])
        self._world.suspended.append(user_id)
        self._heard(
            self._caller, "wingman_admin.suspend_user", user_id=user_id, until=until, reason=self._reason()
        )

    def _lift(self) -> None:
        user_id = self._anybody()
        with suppress(IndexError):
            user_id = self._world.suspended.popleft()
        self._heard(self._caller, "wingman_admin.lift_suspension", user_id=user_id, reason=self._reason())

    def _change_acceptance(self) -> None:
        acceptance = self._random.choice(["either", "either", "both"])
        self._heard(
            self._caller,
            "wingman_admin.change_settings",
            changes=Jsonb({"acceptance": acceptance}),
            reason=self._reason(),
        )

    def _reconcile(self) -> None:
        found = self._heard(
            self._caller, "wingman_admin.reconcile_reputation", fix=self._random.choice([False, True])
        )
        self.differences += found or []

    def _maintain(self) -> None:
        self._heard(self._caller, "wingman.run_maintenance", max_rows=self._random.choice([1, 100]))


class Client(Somebody):
    """Acts for anybody, as the apps of all of them would."""

    def __init__(self, world: World, connection: Connection, seed: str) -> None:
        super().__init__(world, connection, seed)
        self.completions = 0

    def acts(self) -> dict[Callable[[], None], int]:
        return {
            self._search: 20,
            self._respond: 24,
            self._confirm: 16,
            self._create_session: 12,
            self._read: 12,
            self._complete_profile: 10,
            self._block: 5,
            self._unblock: 4,
            self._report: 1,
            self._pause: 2,
            self._resume: 5,
            self._agree: 6,
            self._reschedule: 3,
            self._report_no_show: 10,
            self._answer_no_show: 8,
            self._withdraw_no_show: 2,
            self._start: 4,
            self._cancel: 2,
            self._end: 3,
            self._time_passes: 8,
        }

    def _call(self, user_id: UUID, function: str, **arguments: Any) -> Any:
        """The answer, or None for a refusal."""
        chance = self._random.random()
        role, claims = "authenticated", {"sub": str(user_id), "role": "authenticated"}
        if chance < 0.1:
            role, claims, arguments["user_id"] = "service_role", {"role": "service_role"}, user_id
        elif chance < 0.11:
            arguments["user_id"] = self._random.choice(self._world.people)
        return self._heard(Caller(lambda: self.connection, role, claims), function, **arguments)

    def _remember(self, match_id: UUID, user_id: UUID, buddy_id: UUID) -> None:
        self._world.matches.append((match_id, user_id, buddy_id))
        self._world.news.append(match_id)

    def _search(self) -> None:
        user_id = self._anybody()
        radius = self._random.choice([None, None, None, 1, 5, 100, 0, 101])
        answer = self._call(user_id, "create_automatic_match", max_radius_miles=radius)
        if answer and answer["success"]:
            self._remember(answer["match_id"], user_id, answer["buddy_user_id"])

    def _respond(self) -> None:
        match_id, user_id, _ = self._recent(self._world.matches)
        (action,) = self._random.choices(["accept", "decline", "maybe", None], [60, 40, 1, 1])
        answer = self._call(user_id, "respond_to_match", match_id=match_id, action=action)
        if answer and answer["next_match"]:
            following = answer["next_match"]
            self._remember(following["match_id"], user_id, following["buddy_user_id"])

    def _end(self) -> None:
        match_id, user_id, _ = self._recent(self._world.matches)
        self._call(user_id, "end_match", match_id=match_id)

    def _create_session(self) -> None:
        match_id, user_id, buddy_id = self._recent(self._world.matches)
        (ahead,) = self._random.choices(
            [timedelta(hours=1), timedelta(hours=-1), timedelta(days=91)], [30, 1, 1]
        )
        answer = self._call(
            user_id,
            "create_session",
            match_id=match_id,
            scheduled_time=datetime.now(UTC) + ahead,
            venue_name="" if self._maybe(0.02) else "Hot Clube",
        )
        if answer:
            self._world.sessions.append((answer["id"], user_id, buddy_id))

    def _agree(self) -> None:
        session_id, user_id, _ = self._recent(self._world.sessions)
        (seen,) = self._random.choices([None, datetime.now(UTC)], [10, 1])
        self._call(user_id, "agree_to_session", session_id=session_id, proposed_at=seen)

    def _reschedule(self) -> None:
        session_id, user_id, _ = self._recent(self._world.sessions)
        (ahead,) = self._random.choices(
            [timedelta(hours=1), timedelta(hours=5), timedelta(hours=-1), timedelta(days=91)], [20, 10, 1, 1]
        )
        self._call(
            user_id,
            "reschedule_session",
            session_id=session_id,
            scheduled_time=datetime.now(UTC) + ahead,
            venue_name=self._random.choice([None, "Damas", "x" * 201]),
        )

    def _report_no_show(self) -> None:
        session_id, user_id, buddy_id = self._recent(self._world.sessions)
        (reason,) = self._random.choices(["did_not_come", "odd", None], [30, 1, 1])
        answer = self._call(user_id, "report_no_show", session_id=session_id, reason=reason)
        if answer:
            self._world.reported.append((session_id, user_id, buddy_id))
            if self._maybe(0.4):
                # a report in return contests the first: operators need not wait for an answer
                self._call(buddy_id, "report_no_show", session_id=session_id, reason="came_too_late")

    def _answer_no_show(self) -> None:
        session_id, user_id, _ = self._recent(self._world.reported)
        (action,) = self._random.choices(["admit", "contest", "deny", None], [10, 30, 1, 1])
        self._call(user_id, "answer_no_show", session_id=session_id, action=action)

    def _withdraw_no_show(self) -> None:
        session_id, user_id, _ = self._recent(self._world.reported)
        self._call(user_id, "withdraw_no_show", session_id=session_id)

    def _start(self) -> None:
        session_id, user_id, _ = self._recent(self._world.sessions)
        self._call(user_id, "start_session", session_id=session_id)

    def _cancel(self) -> None:
        session_id, user_id, _ = self._recent(self._world.sessions)
        reason = self._random.choice([None, "rain", "x" * 501])
        self._call(user_id, "cancel_session", session_id=session_id, reason=reason)

    def _confirm(self) -> None:
        session_id, user_id, buddy_id = self._recent(self._world.sessions)
        (named,) = self._random.choices([None, buddy_id, user_id, uuid4()], [60, 30, 1, 1])
        answer = self._call(user_id, "confirm_session_completion", session_id=session_id, buddy_user_id=named)
        self.completions += bool(answer and answer["both_confirmed"])

    def _complete_profile(self) -> None:
        self._call(
            self._random.choice(self._world.people),
            "complete_profile",
            first_name="Ana",
            experience_level=self._random.choice([*LEVELS, *LEVELS, "expert"]),
            **a_place(self._random),
        )

    def _block(self) -> None:
        _, user_id, buddy_id = self._recent(self._world.matches)
        pair = user_id, self._anybody() if self._maybe(0.3) else buddy_id
        began = datetime.now(UTC)
        if self._call(user_id, "block_user", subject_id=pair[1]):
            self._world.blocked.append(Deed(pair, began, datetime.now(UTC)))
            self._world.blocks.append(pair)

    def _unblock(self) -> None:
        pair = self._anybody(), self._anybody()
        if not self._maybe(0.1):
            with suppress(IndexError):
                pair = self._world.blocks.popleft()
        began = datetime.now(UTC)
        if self._call(pair[0], "unblock_user", subject_id=pair[1]):
            self._world.unblocked.append(Deed(pair, began, datetime.now(UTC)))

    def _report(self) -> None:
        reason = self._random.choice(["Never came", "Never came", "", None])
        self._call(self._anybody(), "report_user", subject_id=self._anybody(), reason=reason)

    def _pause(self) -> None:
        self._call(self._anybody(), "pause_matching")

    def _resume(self) -> None:
        self._call(self._anybody(), "resume_matching")

    def _read(self) -> None:
        match_id, user_id, buddy_id = self._recent(self._world.matches)
        session_id, participant_id, _ = self._recent(self._world.sessions)
        reads: list[tuple[UUID, str, dict[str, Any]]] = [
            (user_id, "get_profile", {}),
            (user_id, "get_match", {"match_id": match_id}),
            (user_id, "list_matches", {"status": self._random.choice([None, "accepted", "odd"])}),
            (user_id, "explain_match", {"match_id": match_id}),
            (user_id, "why_no_match", {"max_radius_miles": self._random.choice([None, 1, 0])}),
            (participant_id, "get_session", {"session_id": session_id}),
            (user_id, "list_sessions", {"page_size": self._random.choice([1, 20, 0])}),
            (user_id, "list_no_show_reports", {"page_size": self._random.choice([20, 0])}),
            (user_id, "get_reputation", {"subject_id": buddy_id}),
        ]
        caller_id, function, arguments = self._random.choice(reads)
        self._call(caller_id, function, **arguments)

    def _time_passes(self) -> None:
        """An operator moves something back in time, one kind of row per statement: no deadlock can arise."""
        if self._maybe(0.5) and self._world.news:
            self._world.operator.execute(_LAPSE, {"id": self._random.choice(list(self._world.news))})
        else:
            self._world.operator.execute(self._random.choice(_TIME_PASSES))


def a_place(chance: random.Random) -> dict[str, Any]:
    """Somewhere in one town, with a travel distance and a privacy mode."""
    return {
        "lat": LISBON["lat"] + chance.randint(-3, 3) / 100,
        "lng": LISBON["lng"] + chance.randint(-3, 3) / 100,
        "city": "Lisbon",
        "privacy_mode": chance.choice(["precise", "precise", "city_only"]),
        "max_travel_miles": chance.choice([2, 25, 100]),
    }


# Also while a search waits, which has seen no match: in life no match lapses that early. The rows of its two
# people come first: the trigger of the match tells them of another end.
_LAPSE = """
    with people as materialized (
        select s.user_id
        from wingman.matchmaking_pool as s
        where s.pending_match_id = %(id)s
        order by s.user_id
        for no key update skip locked
    ),
    match as materialized (
        select x.id
        from public.wingman_matches as x
        where x.id = %(id)s
            and x.status = 'pending'
            and x.created_at > clock_timestamp() - interval '47 hours'
            and (select count(*) from people) = 2
        for no key update skip locked
    )
    update public.wingman_matches as m
    set created_at = m.created_at - interval '48 hours', expires_at = m.expires_at - interval '48 hours'
    where m.id in (select x.id from match as x)
"""

_TIME_PASSES = (
    # Ten days go by for the settled matches of a pair: more than the window and the lapse above together.
    """
    with pair as (
        select x.user1_id, x.user2_id
        from public.wingman_matches as x
        where x.status <> 'pending' and x.created_at > clock_timestamp() - interval '168 hours'
        order by random()
        limit 1
    ),
    settled as (
        select x.id
        from public.wingman_matches as x
        inner join pair as p on p.user1_id = x.user1_id and p.user2_id = x.user2_id
        where x.status <> 'pending'
    )
    update public.wingman_matches as m
    set created_at = m.created_at - interval '240 hours', expires_at = m.expires_at - interval '240 hours'
    where m.id in (select s.id from settled as s)
    """,
    # The time of a session comes.
    """
    update public.wingman_sessions as s
    set scheduled_time = s.scheduled_time - interval '2 hours'
    where s.id = (
        select x.id
        from public.wingman_sessions as x
        where x.status in ('scheduled', 'in_progress') and x.scheduled_time > clock_timestamp()
        order by random()
        limit 1
        for no key update skip locked
    )
    """,
)
