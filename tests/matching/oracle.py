"""The right answer to every search: brute force over everybody, in plain Python, with no SQL of ours."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from matching_rules import obstacle
from matchmaking import ALREADY, CREATED, DECLINED, NEXT, none_within
from plain_search import shown_miles
from worlds import Meeting, Person, Search, World

NOW = timedelta()

Answer = dict[str, Any]
"""``message``, ``buddy`` and ``miles`` of a search, ``message`` and ``buddy`` of a decline, or ``error``."""


@dataclass
class Oracle:
    """Makes all searches of a world; ``decided`` counts what decided them."""

    world: World
    decided: Counter[str]
    pending: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for meeting in self.world.meetings:
            if meeting.status == "pending":
                self._pend(*meeting.people, miles=1)

    def answers(self) -> list[Answer]:
        return [answer for search in self.world.searches for answer in self._answers_to(search)]

    def _answers_to(self, search: Search) -> list[Answer]:
        if search.outcome == "undone":
            return [deepcopy(self, {id(self.decided): self.decided})._search(search)]
        answer = self._search(search)
        if search.outcome == "kept" or answer.get("buddy") is None:
            return [answer]
        return [
            answer,
            self._decline(search.seeker if search.outcome == "by the seeker" else answer["buddy"]),
        ]

    def _search(self, search: Search) -> Answer:
        seeker = self.world.people[search.seeker]
        if seeker.id in self.pending:
            buddy, miles = self.pending[seeker.id]
            return {"message": ALREADY, "buddy": buddy, "miles": miles}
        if seeker.is_suspended:
            return {"error": "account_suspended"}
        if seeker.is_cooling_down:
            return {"error": "matching_cooldown"}
        if seeker.pause == "chosen":
            return {"error": "matching_paused"}
        seeker.pause = None
        radius = search.radius or seeker.travel
        found = self._match(seeker, radius)
        if found is None:
            return {"message": none_within(radius), "buddy": None, "miles": None}
        return {"message": CREATED, "buddy": found[0], "miles": found[1]}

    def _decline(self, decliner_id: UUID) -> Answer:
        decliner = self.world.people[decliner_id]
        buddy_id, _ = self.pending.pop(decliner_id)
        del self.pending[buddy_id]
        self.world.meetings.append(Meeting(frozenset((decliner_id, buddy_id)), NOW, "declined"))
        decliner.waited = NOW
        may_search = not decliner.pause and not decliner.is_cooling_down
        found = self._match(decliner, decliner.travel) if may_search else None
        return {"message": NEXT if found else DECLINED, "buddy": found and found[0]}

    def _match(self, seeker: Person, radius: int) -> tuple[UUID, int] | None:
        found = self.best(seeker, radius)
        if found is None:
            return None
        miles, person = found
        self._pend(seeker.id, person.id, miles=shown_miles(miles))
        person.exposures.append(NOW)
        return person.id, shown_miles(miles)

    def _pend(self, one: UUID, other: UUID, *, miles: int) -> None:
        self.pending[one] = other, miles
        self.pending[other] = one, miles

    def best(self, seeker: Person, radius: int) -> tuple[float, Person] | None:
        """Who must be found: of all candidates, nearest, then longest waiting, then smallest id."""
        fitting: list[tuple[float, timedelta, UUID]] = []
        refused: list[tuple[float, str]] = []
        for person in self.world.people.values():
            if person is not seeker:
                pair = self.world.pair(seeker, person, radius, has_pending_match=person.id in self.pending)
                miles, rule = pair.miles, obstacle(pair)
                if rule:
                    refused.append((miles, rule))
                else:
                    fitting.append((miles, -person.waited, person.id))
        fitting.sort()
        self._count(fitting, refused)
        return (fitting[0][0], self.world.people[fitting[0][2]]) if fitting else None

    def _count(self, fitting: list[tuple[float, timedelta, UUID]], refused: list[tuple[float, str]]) -> None:
        if not fitting:
            self.decided["none"] += 1
        elif len(fitting) > 1:
            first, second = fitting[:2]
            here, there = (self.world.people[user_id].point for *_, user_id in (first, second))
            nearness, waiting, _ = (one < other for one, other in zip(first, second, strict=True))
            decisive = "nearness" if nearness else "waiting" if waiting else "id"
            self.decided[decisive if nearness or here == there else f"{decisive} between places"] += 1
        self.decided.update({rule for miles, rule in refused if not fitting or miles <= fitting[0][0]})
