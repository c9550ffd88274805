"""What was called, by the two people or the one person whom it concerns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import Any, NamedTuple

from fire import pair_machine
from fire.effects import Effect, Violation
from fire.history import Operation
from fire.pair_machine import READS, SEARCHES, Step
from fire.rows_at_the_end import Match, Pair, Rows

_MADE = "Wingman buddy match created successfully!"


class Place(NamedTuple):
    """What a call concerns."""

    pair: Pair
    match_id: str = ""
    session_id: str = ""


@dataclass(frozen=True)
class ProfileStep:
    """A bio written, or read."""

    bio: str
    invoked: float
    completed: float
    is_required: bool = True
    is_pure: bool = False

    @property
    def kind(self) -> str:
        return self.bio


class Steps:
    """The operations of a history as steps of pairs and of profiles, and the rows that these must lead to."""

    def __init__(self, operations: Iterable[Operation], effects: list[Effect], rows: Rows) -> None:
        self._effects = effects
        self._rows = rows
        self._told = [
            operation
            for operation in operations
            if operation.outcome == "refused" or (operation.call in READS and operation.outcome == "answered")
        ]

    def of_pairs(self) -> dict[Pair, list[Step]]:
        steps: dict[Pair, list[Step]] = {match.pair: [] for match in self._rows.matches.values()}
        for pair, step in (
            *self._offers(),
            *self._changes(),
            *self._refusals_and_reads(),
            *self._unclaimed(),
        ):
            steps.setdefault(pair, []).append(step)
        return steps

    def of_profiles(self) -> dict[str, list[ProfileStep]]:
        steps: dict[str, list[ProfileStep]] = defaultdict(list)
        for effect in self._effects:
            if effect.first.call == "complete_profile":
                bio = effect.first.arguments["bio"]
                step = ProfileStep(bio, effect.invoked, effect.completed, effect.is_required)
                steps[effect.first.person].append(step)
        for operation in self._told:
            if operation.call == "get_profile" and operation.outcome == "answered":
                bio, ended = operation.answer["bio"] or "", operation.completed or inf
                steps[operation.person].append(ProfileStep(bio, operation.invoked, ended, is_pure=True))
        return steps

    def pair_at_the_end(self, pair: Pair) -> pair_machine.Pair:
        """The rows between two people."""
        blockers = frozenset(who for who in pair for whom in pair if (who, whom) in self._rows.blocks)
        return pair_machine.Pair(blockers, tuple(self._matches_at_the_end[pair])).in_order()

    def bio_at_the_end(self, person: str) -> str:
        return self._rows.bios.get(person) or ""

    def matches_of_nobody(self) -> Iterator[Violation]:
        """A match that no answer tells of comes from a search whose outcome nobody knows."""
        matches = self._rows.matches.items()
        by = Counter(match.searched_by or "" for id_, match in matches if id_ not in self._told_of)
        for person, times in by.items():
            searches = len(self._unknown_searches[person])
            if times > searches:
                what = f"{person} made {times} that no answer told of, by {searches} searches without an end"
                yield Violation("a match comes from a search", what)

    def _offers(self) -> Iterator[tuple[Pair, Step]]:
        """What searches and declines answered: a match that they made, or one that was pending already."""
        for effect in self._effects:
            match = self._rows.matches.get(effect.offered or "")
            if match:
                times = effect.invoked, effect.completed
                yield match.pair, Step(_way(effect, match), effect.first.person, *times, str(effect.offered))

    def _changes(self) -> Iterator[tuple[Pair, Step]]:
        for effect in self._effects:
            first, place = effect.first, self._place_of(effect)
            if place:
                step = _step(first, place, effect.invoked, effect.completed, effect.answer)
                is_required = effect.is_required or self._tells(first, place)
                if is_required is not None:
                    yield place.pair, replace(step, is_required=is_required)

    def _tells(self, operation: Operation, place: Place) -> bool | None:
        """Whether a row tells that a call took effect; None if it tells that it did not."""
        match operation.call:
            case "create_session":
                return True
            case "cancel_session":
                reason = self._rows.sessions[place.session_id].reason
                return True if reason == operation.arguments["reason"] else None
        return False

    def _refusals_and_reads(self) -> Iterator[tuple[Pair, Step]]:
        for operation in self._told:
            place = self._place(operation)
            if place:
                ended = operation.completed or inf
                step = _step(operation, place, operation.invoked, ended, operation.answer)
                yield place.pair, replace(step, refusal=operation.error, context=operation.context)

    def _unclaimed(self) -> Iterator[tuple[Pair, Step]]:
        """The matches that may be those of searches whose outcome nobody knows."""
        for id_, match in self._rows.matches.items():
            by = match.searched_by or ""
            searches = self._unknown_searches[by]
            if self._told_of.get(id_) != "offer" and searches:
                invoked = min(effect.invoked for effect in searches)
                yield match.pair, Step("offer", by, invoked, match_id=id_, is_required=False)

    @cached_property
    def _told_of(self) -> dict[str, str]:
        """Which matches somebody was told to have made, or perhaps to have made."""
        found: dict[str, str] = {}
        for effect in self._effects:
            match = self._rows.matches.get(effect.offered or "")
            way = _way(effect, match) if match else "pending"
            if way == "offer" or (way == "next" and effect.offered not in found):
                found[str(effect.offered)] = way
        return found

    @cached_property
    def _unknown_searches(self) -> dict[str, list[Effect]]:
        found: dict[str, list[Effect]] = defaultdict(list)
        for effect in self._effects:
            if not effect.is_required and effect.first.call in SEARCHES:
                found[effect.first.person].append(effect)
        return found

    @cached_property
    def _sessions_of(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for id_, session in self._rows.sessions.items():
            found[session.match_id].append(id_)
        return found

    @cached_property
    def _matches_at_the_end(self) -> dict[Pair, list[pair_machine.Match]]:
        found: dict[Pair, list[pair_machine.Match]] = defaultdict(list)
        for id_, match in self._rows.matches.items():
            rows = ((session_id, self._rows.sessions[session_id]) for session_id in self._sessions_of[id_])
            sessions = tuple(pair_machine.Session(i, row.status, row.confirmed_by) for i, row in rows)
            found[match.pair].append(
                pair_machine.Match(id_, match.status, match.responded_by, match.has_ended, sessions)
            )
        return found

    def _place(self, operation: Operation) -> Place | None:
        """What a call concerns; None if no row has to do with it."""
        arguments = operation.arguments
        if operation.call in ("block_user", "unblock_user"):
            return Place(pair_of(operation.person, arguments["subject_id"]))
        match_id, session_id = arguments.get("match_id", ""), arguments.get("session_id", "")
        if session_id:
            session = self._rows.sessions.get(session_id)
            match_id = session.match_id if session else ""
        match = self._rows.matches.get(match_id)
        return Place(match.pair, match_id, session_id) if match else None

    def _place_of(self, effect: Effect) -> Place | None:
        """What an effect concerns. The first call with its key may be another one, which was refused."""
        first, place = effect.first, self._place(effect.first)
        if place and first.call == "create_session":
            session_id = self._session_at(place.match_id, first.arguments["venue_name"])
            return place._replace(session_id=session_id) if session_id else None
        return place

    def _session_at(self, match_id: str, venue_name: str) -> str:
        """The session of a match that has this venue, which one call alone gives."""
        ids = self._sessions_of[match_id]
        return next((id_ for id_ in ids if self._rows.sessions[id_].venue_name == venue_name), "")


def _way(effect: Effect, match: Match) -> str:
    """How a call came by the match that it offers."""
    if match.searched_by != effect.first.person:
        return "pending"
    if effect.first.call == "respond_to_match":
        # the answer to a repeated decline is the same
        return "next"
    return "offer" if effect.answer["message"] == _MADE else "pending"


def pair_of(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _step(operation: Operation, place: Place, invoked: float, completed: float, answer: Any) -> Step:
    return Step(
        operation.call,
        operation.person,
        invoked,
        completed,
        place.match_id,
        place.session_id,
        operation.arguments.get("action", ""),
        answer,
    )
