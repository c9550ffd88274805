"""What people have completed, written as rows of any time; and in Python, what they have earned by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID, uuid4

from harness import Connection, People

START = datetime(2020, 11, 2, 12, tzinfo=UTC)
"""A Monday; the year that follows has a week 53."""
WEEK = timedelta(weeks=1)
METRICS = ("completed_sessions", "different_buddies", "weeks_in_a_row", "sessions_with_beginners")
BEGINNER = 1
Earned = dict[tuple[UUID, str], datetime]

_MATCH = """
    insert into public.wingman_matches (
        id, user1_id, user2_id, status, user1_reputation, user2_reputation, user1_level, user2_level,
        distance_miles, expires_at
    )
    values (%s, %s, %s, 'accepted', 0, 0, %s, %s, 1, now() + interval '1 day')
"""
_SESSION = """
    insert into public.wingman_sessions (
        id, match_id, user1_id, user2_id, venue_name, scheduled_time, status, is_active, completed_at,
        user1_completed_confirmed_by_user2, user2_completed_confirmed_by_user1
    )
    values (%s, %s, %s, %s, 'Café', %s, 'completed', false, %s, true, true)
"""
_ENTRY = """
    insert into wingman.reputation_events
        (created_at, session_id, user_id, buddy_id, kind, delta, completed_sessions, no_shows)
    values (%s, %s, %s, %s, %s, %s, 0, 0)
"""


@dataclass
class Completion:
    """A session that two people completed; levels as experience_rank."""

    session_id: UUID
    people: tuple[UUID, UUID]
    levels: tuple[int, int]
    at: datetime
    is_reverted: bool = False
    has_row: bool = True

    def buddy_of(self, user_id: UUID) -> UUID:
        one, other = self.people
        return other if user_id == one else one

    def is_with_beginner(self, user_id: UUID) -> bool:
        """Whether this person was the more experienced of the two, and the other one a beginner."""
        own, others = self.levels if user_id == self.people[0] else self.levels[::-1]
        return self.has_row and others == BEGINNER < own


class Careers:
    """Writes completions past all calls, and knows what follows from them."""

    def __init__(self, db: Connection, people: People) -> None:
        self._db = db
        self._people = people
        self.users: list[UUID] = []
        self.completions: list[Completion] = []

    def add(self, number: int) -> list[UUID]:
        """So many more people."""
        added = [self._people.add() for _ in range(number)]
        self.users += added
        return added

    def complete(
        self, one: UUID, other: UUID, at: datetime = START, levels: tuple[int, int] = (1, 1)
    ) -> Completion:
        """A completed session of a match of its own; ``levels``: of the one and of the other."""
        ordered = (one, other) if one < other else (other, one)
        done = Completion(uuid4(), ordered, levels if one < other else levels[::-1], at)
        match_id = uuid4()
        with self._db.transaction():
            self._db.execute("set local session_replication_role = replica")
            self._db.execute(_MATCH, [match_id, *done.people, *done.levels])
            self._db.execute(_SESSION, [done.session_id, match_id, *done.people, at, at])
        self._enter(done, "completed", at)
        self.completions.append(done)
        return done

    def complete_weekly(self, one: UUID, other: UUID, weeks: Iterable[int]) -> list[Completion]:
        """A session in each of these weeks, counted from that of START."""
        return [self.complete(one, other, START + week * WEEK) for week in weeks]

    def revert(self, done: Completion) -> None:
        """What revert_completion does to the ledger."""
        self._enter(done, "completion_reverted", datetime.now(UTC))
        done.is_reverted = True

    def forget(self, done: Completion) -> None:
        """Delete session and match, past the triggers that keep them."""
        with self._db.transaction():
            self._db.execute("set local session_replication_role = replica")
            self._db.execute(
                """with gone as (delete from public.wingman_sessions where id = %s returning match_id)
                   delete from public.wingman_matches where id in (select match_id from gone)""",
                [done.session_id],
            )
        done.has_row = False

    def tell(self, random: Random, steps: int) -> None:
        """Random completions, many around the ends of weeks and years, and reverts of some of them."""
        for _ in range(steps):
            one, other = random.sample(self.users, 2)
            monday = START.replace(hour=0) + random.randrange(20) * WEEK
            at = monday + random.choice(
                [
                    timedelta(),
                    timedelta(microseconds=-1),
                    timedelta(microseconds=1),
                    timedelta(hours=random.randrange(168)),
                    timedelta(hours=13),
                    timedelta(hours=-11),
                ]
            )
            levels = (random.randint(1, 3), random.randint(1, 3))
            done = self.complete(one, other, at, levels)
            chance = random.random()
            if chance < 0.05:
                self.forget(done)
            elif chance < 0.25:
                self.revert(random.choice([one for one in self.completions if not one.is_reverted]))

    def steps(self, user_id: UUID) -> dict[tuple[str, int], datetime]:
        """When each metric of a person has first reached each number, by looking at every moment."""
        own = [done for done in self.completions if user_id in done.people and not done.is_reverted]
        reached: dict[tuple[str, int], datetime] = {}
        for moment in sorted({done.at for done in own}):
            until = [done for done in own if done.at <= moment]
            for metric, value in _values(user_id, until).items():
                for number in range(1, value + 1):
                    reached.setdefault((metric, number), moment)
        return reached

    def earned(self) -> Earned:
        """Who has earned what, and when."""
        goals = self._db.execute("select name, metric, threshold from wingman.achievements").fetchall()
        found = {}
        for user_id in self.users:
            steps = self.steps(user_id)
            for goal in goals:
                if at := steps.get((goal["metric"], goal["threshold"])):
                    found[user_id, goal["name"]] = at
        return found

    def _enter(self, done: Completion, kind: str, at: datetime) -> None:
        delta = 1 if kind == "completed" else -1
        for user_id in done.people:
            values = [at, done.session_id, user_id, done.buddy_of(user_id), kind, delta]
            self._db.execute(_ENTRY, values)


def _values(user_id: UUID, completions: list[Completion]) -> dict[str, int]:
    return {
        "completed_sessions": len(completions),
        "different_buddies": len({done.buddy_of(user_id) for done in completions}),
        "weeks_in_a_row": _longest_run({done.at.astimezone(UTC).date() for done in completions}),
        "sessions_with_beginners": sum(done.is_with_beginner(user_id) for done in completions),
    }


def _longest_run(days: set[date]) -> int:
    """By the calendar of ISO 8601: a week follows another one if its Monday is seven days later."""
    mondays = sorted({date.fromisocalendar(*day.isocalendar()[:2], 1) for day in days})
    longest = run = min(len(mondays), 1)
    for one, other in pairwise(mondays):
        run = run + 1 if other - one == WEEK else 1
        longest = max(longest, run)
    return longest


def evaluate(db: Connection, max_rows: int = 1000) -> int:
    """One run of the readers; returns how much it says it evaluated."""
    row = db.execute("select r.evaluated from wingman.run_readers(%s) as r", [max_rows]).fetchone()
    assert row is not None
    return row["evaluated"]


def evaluate_all(db: Connection, max_rows: int = 1000) -> None:
    """Runs the readers until nothing is left to evaluate."""
    while evaluate(db, max_rows):
        pass


def earned(db: Connection) -> Earned:
    """What has been awarded."""
    rows = db.execute("select * from wingman.earned_achievements")
    return {(row["user_id"], row["name"]): row["earned_at"] for row in rows}


def names(db: Connection, user_id: UUID) -> set[str]:
    """What a person has been awarded."""
    return {name for owner, name in earned(db) if owner == user_id}


def told(db: Connection, user_id: UUID | None = None) -> list[tuple[str, Any]]:
    """What the journal says, in order: earned or revoked, and what."""
    rows = db.execute(
        """select kind, details ->> 'name' as name from wingman.events
           where kind in ('achievement_earned', 'achievement_revoked')
               and (%(user)s::uuid is null or user_id = %(user)s)
           order by id""",
        {"user": user_id},
    )
    return [(row["kind"].removeprefix("achievement_"), row["name"]) for row in rows]


def add_achievement(
    db: Connection, name: str = "three", metric: str = "completed_sessions", threshold: int = 3
) -> None:
    """One more, as operators add it."""
    db.execute(
        "select wingman_admin.add_achievement(%s, 'Three', 'Complete 3.', %s, %s, 'For fun')",
        [name, metric, threshold],
    )
