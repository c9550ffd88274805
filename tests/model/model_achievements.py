"""What people earn by completing sessions, from the ledger as it is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from model_profiles import Profiles
from model_state import Answer
from records import EarnedAchievement, Event, ReputationEvent

A_WEEK = timedelta(weeks=1)
USEFUL_FOR = A_WEEK
BEGINNER = 1

# by metric and threshold, as they are listed
ACHIEVEMENTS = {
    "first_session": ("completed_sessions", 1, "First session", "Complete your first session."),
    "sessions_5": ("completed_sessions", 5, "Five sessions", "Complete 5 sessions."),
    "sessions_10": ("completed_sessions", 10, "Ten sessions", "Complete 10 sessions."),
    "sessions_25": ("completed_sessions", 25, "25 sessions", "Complete 25 sessions."),
    "sessions_50": ("completed_sessions", 50, "50 sessions", "Complete 50 sessions."),
    "sessions_100": ("completed_sessions", 100, "100 sessions", "Complete 100 sessions."),
    "buddies_3": ("different_buddies", 3, "Three buddies", "Complete sessions with 3 different buddies."),
    "buddies_10": ("different_buddies", 10, "Ten buddies", "Complete sessions with 10 different buddies."),
    "buddies_25": ("different_buddies", 25, "25 buddies", "Complete sessions with 25 different buddies."),
    "weeks_4": (
        *("weeks_in_a_row", 4),
        *("Four weeks in a row", "Complete a session in each of 4 weeks in a row."),
    ),
    "weeks_12": (
        *("weeks_in_a_row", 12),
        *("Twelve weeks in a row", "Complete a session in each of 12 weeks in a row."),
    ),
    "mentor": (
        *("sessions_with_beginners", 5),
        *("Mentor", "Complete 5 sessions with a beginner as the more experienced of the two."),
    ),
}


class Achievements(Profiles):
    def list_achievements(self, me: UUID, subject_id: UUID | None = None) -> list[Answer]:
        subject: UUID = self.get_reputation(me, subject_id)["user_id"]
        reached = self._steps(subject)
        rows = []
        for name, (metric, threshold, title, description) in ACHIEVEMENTS.items():
            earned_at = reached.get((metric, threshold))
            progress = max((number for of, number in reached if of == metric), default=0)
            if subject == me or earned_at:
                rows.append(
                    {
                        "name": name,
                        "title": title,
                        "description": description,
                        "metric": metric,
                        "threshold": threshold,
                        "progress": progress if subject == me else None,
                        "earned_at": earned_at if subject == me else None,
                    }
                )
        return rows

    def _evaluate(self) -> None:
        """Award what has been earned, and take back what no longer holds; the next reading tells it."""
        touched = {event.user_id for event in self.ledger[self.evaluated :]}
        self.evaluated = len(self.ledger)
        new: list[EarnedAchievement] = []
        for user_id in touched:
            reached = self._steps(user_id) if user_id in self.profiles else {}
            for name, (metric, threshold, *_) in ACHIEVEMENTS.items():
                before = self.earned.pop((user_id, name), None)
                if earned_at := reached.get((metric, threshold)):
                    award = EarnedAchievement(user_id=user_id, name=name, earned_at=earned_at)
                    self.earned[user_id, name] = award
                    new += [] if before else [award]
        for award in sorted(new, key=lambda award: (award.earned_at, award.user_id, award.name)):
            self.untold.append(
                Event(
                    kind="achievement_earned",
                    match_id=None,
                    session_id=None,
                    user_id=award.user_id,
                    about=award.earned_at + USEFUL_FOR,
                    occurred_at=self.now,
                )
            )

    def _steps(self, user_id: UUID) -> dict[tuple[str, int], datetime]:
        """When each metric has reached each number."""
        own = [event for event in self.ledger if event.user_id == user_id]
        reverted = {event.session_id for event in own if event.kind == "completion_reverted"}
        counted = [event for event in own if event.kind == "completed" and event.session_id not in reverted]
        counted.sort(key=lambda event: event.created_at)
        steps: dict[tuple[str, int], datetime] = {}
        buddies: set[UUID | None] = set()
        mondays: set[date] = set()
        with_beginners = 0
        for place, event in enumerate(counted, start=1):
            buddies.add(event.buddy_id)
            mondays.add(_monday_of(event.created_at))
            with_beginners += self._is_with_beginner(event)
            for metric, number in (
                ("completed_sessions", place),
                ("different_buddies", len(buddies)),
                ("weeks_in_a_row", max(_runs(mondays))),
                ("sessions_with_beginners", with_beginners),
            ):
                if number:
                    steps.setdefault((metric, number), event.created_at)
        return steps

    def _is_with_beginner(self, event: ReputationEvent) -> bool:
        assert event.session_id
        match = self.matches[self.sessions[event.session_id].match_id]
        levels = (match.user1_level, match.user2_level)
        own, others = levels if event.user_id == match.user1_id else levels[::-1]
        return others == BEGINNER < own


def _monday_of(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _runs(mondays: set[date]) -> Iterator[int]:
    """How many weeks each run of weeks has."""
    for monday in mondays:
        if monday - A_WEEK not in mondays:
            length = 1
            while monday + length * A_WEEK in mondays:
                length += 1
            yield length
