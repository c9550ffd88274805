"""Somebody who wants to know where another person is, with any number of accounts and every call."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from harness import Caller, Connection, Rpc, RpcError
from plain_search import GridPoint, miles_between

NOBODY = 101
FAR_AWAY = (-4000, 17000)
READABLE = ("user_profiles", "user_locations", "wingman_matches", "wingman_sessions", "user_blocks")


class Attacker:
    """``heard`` is all that the database has ever told it."""

    def __init__(self, db: Connection, rpc: Rpc) -> None:
        self._db = db
        self._rpc = rpc
        self._accounts = 0
        self._scout = self._new_account()
        self._chance = random.Random(6)
        self.heard: list[Any] = []

    def locate(self, middle: GridPoint, reach: int) -> set[GridPoint]:
        """Every grid point within a distance of the middle where the other person may be."""
        lat, lng = middle
        near = range(-reach, reach + 1)
        possible = {(lat + north, lng + east) for north in near for east in near}
        quiet = 0
        while len(possible) > 1 and quiet < 5:
            here = self._best_place_to_ask(middle, reach, sorted(possible))
            miles = self.miles_by_asking(here)
            left = {point for point in possible if whole_miles(here, point) == miles}
            quiet = 0 if len(left) < len(possible) else quiet + 1
            possible = left
        self._leave(self._scout)
        return possible

    def _best_place_to_ask(self, middle: GridPoint, reach: int, possible: list[GridPoint]) -> GridPoint:
        """The one of some places whose answer leaves the fewest."""
        sample = self._chance.sample(possible, min(200, len(possible)))
        places = [
            (middle[0] + self._chance.randint(-reach, reach), middle[1] + self._chance.randint(-reach, reach))
            for _ in range(30)
        ]
        return min(places, key=lambda place: sum(n * n for n in _answers(place, sample).values()))

    def miles_by_asking(self, here: GridPoint) -> int:
        """Within how many whole miles somebody is: no match is needed, and nobody notices."""
        self.move(self._scout, here)
        nobody, somebody = 0, NOBODY
        while somebody - nobody > 1:
            radius = (nobody + somebody) // 2
            if self.call(self._scout, "why_no_match", max_radius_miles=radius)["people_near"]:
                somebody = radius
            else:
                nobody = radius
        return somebody

    def miles_by_matching(self, here: GridPoint, victim: UUID) -> int:
        """The same from a match with a new account, which then goes through everything that can happen."""
        me = self._new_account()
        self.move(me, here)
        match = self.call(me, "create_automatic_match", max_radius_miles=100)
        match_id, miles = match["match_id"], match["distance_miles"]
        self.look_around(me, match_id, victim)
        self.call(me, "respond_to_match", match_id=match_id, action="accept")
        soon = datetime.now(UTC) + timedelta(hours=1)
        session = self.call(me, "create_session", match_id=match_id, scheduled_time=soon, venue_name="Here")
        self.call(me, "get_session", session_id=session["id"])
        self.look_around(me, match_id, victim)
        self.call(me, "end_match", match_id=match_id)
        self.look_around(me, match_id, victim)
        for radius in range(1, 101, 9):
            self.call(me, "create_automatic_match", max_radius_miles=radius)
        self._leave(me)
        return miles

    def look_around(self, me: Caller, match_id: UUID, victim: UUID) -> None:
        self.call(me, "explain_match", match_id=match_id)
        self.call(me, "get_match", match_id=match_id)
        self.call(me, "list_matches")
        self.call(me, "list_sessions")
        self.call(me, "get_profile")
        self.call(me, "get_reputation", subject_id=victim)
        self.call(me, "why_no_match", max_radius_miles=100)
        for table in READABLE:
            with me.transaction():
                me.assume_identity()
                rows = me.connection.execute(f"select * from public.{table} order by 1").fetchall()
            self.heard.append((table, rows))

    def _leave(self, me: Caller) -> None:
        """Go out of the way of the next account."""
        self.move(me, FAR_AWAY)
        self.call(me, "pause_matching")

    def move(self, me: Caller, point: GridPoint) -> None:
        lat, lng = point
        self.call(
            me,
            "complete_profile",
            first_name="Mallory",
            experience_level="intermediate",
            lat=lat / 100,
            lng=lng / 100,
            max_travel_miles=100,
        )

    def call(self, me: Caller, function: str, **arguments: Any) -> Any:
        try:
            answer = me.call(function, **arguments)
        except RpcError as error:
            answer = {"message": error.message, **error.detail}
        self.heard.append((function, arguments, answer))
        return answer

    def _new_account(self) -> Caller:
        self._accounts += 1
        user_id = UUID(int=self._accounts)
        self._db.execute("insert into auth.users (id) values (%s)", [user_id])
        return self._rpc.as_user(user_id)


def whole_miles(one: GridPoint, other: GridPoint) -> int:
    """As a search by radius tells them: 1 to 100, else NOBODY."""
    miles = miles_between(one, other)
    return next((radius for radius in range(max(1, int(miles)), NOBODY) if miles <= radius), NOBODY)


def _answers(place: GridPoint, points: list[GridPoint]) -> Counter[int]:
    return Counter(whole_miles(place, point) for point in points)


def without_ids_and_times(heard: Any, ids: dict[UUID, str] | None = None) -> Any:
    """What was heard, ids numbered as they came."""
    ids = {} if ids is None else ids
    match heard:
        case dict():
            return {name: without_ids_and_times(value, ids) for name, value in heard.items()}
        case list() | tuple():
            return [without_ids_and_times(value, ids) for value in heard]
        case UUID():
            return ids.setdefault(heard, f"id {len(ids)}")
        case datetime():
            return "a time"
    return heard
