"""What the model remembers: one record for a row of the database, with its columns' names."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID


@dataclass(kw_only=True)
class Record:
    def row(self) -> dict[str, Any]:
        return {**vars(self)}

    def grow_older(self, by: timedelta) -> None:
        for name, value in vars(self).items():
            if isinstance(value, datetime):
                setattr(self, name, value - by)
            elif isinstance(value, list):
                setattr(self, name, [moment - by for moment in value])


@dataclass(kw_only=True)
class Profile(Record):
    id: UUID
    first_name: str
    experience_level: str
    bio: str | None
    photo_url: str | None
    confidence_archetype: str | None
    completed_sessions: int = 0
    no_shows: int = 0
    created_at: datetime
    updated_at: datetime

    @property
    def reputation_score(self) -> int:
        return min(max(self.completed_sessions - self.no_shows, -5), 20)

    def row(self) -> dict[str, Any]:
        return {**super().row(), "reputation_score": self.reputation_score}


@dataclass(kw_only=True)
class Location(Record):
    user_id: UUID
    lat: float
    lng: float
    city: str | None
    privacy_mode: str
    max_travel_miles: int
    created_at: datetime
    updated_at: datetime


@dataclass(kw_only=True)
class Seeker(Record):
    """Somebody who can be matched: anybody with a location."""

    user_id: UUID
    waiting_since: datetime
    paused: bool = False
    paused_automatically: bool = False
    unanswered_offers: int = 0
    exposures: list[datetime] = field(default_factory=list)
    """When the searches of others found this person."""
    cooldown_until: datetime | None = None
    suspended: bool = False
    suspended_until: datetime | None = None
    pending_match_id: UUID | None = None
    pending_buddy_id: UUID | None = None
    pending_until: datetime | None = None

    def row(self) -> dict[str, Any]:
        return {**super().row(), "exposures": [*self.exposures]}

    def is_suspended_at(self, now: datetime) -> bool:
        return self.suspended or (self.suspended_until is not None and self.suspended_until > now)

    def is_cooling_down_at(self, now: datetime) -> bool:
        return self.cooldown_until is not None and self.cooldown_until > now


@dataclass(kw_only=True)
class Match(Record):
    id: UUID
    user1_id: UUID
    user2_id: UUID
    status: str = "pending"
    user1_reputation: int
    user2_reputation: int
    user1_level: int
    user2_level: int
    distance_miles: int
    searched_by: UUID
    responded_by: UUID | None = None
    responded_at: datetime | None = None
    expires_at: datetime
    ended_at: datetime | None = None
    ended_by: UUID | None = None
    needs_both: bool
    first_accepted_by: UUID | None = None
    first_accepted_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def people(self) -> tuple[UUID, UUID]:
        return self.user1_id, self.user2_id

    def buddy_of(self, user_id: UUID) -> UUID:
        return self.user2_id if user_id == self.user1_id else self.user1_id

    def status_at(self, now: datetime) -> str:
        return "expired" if self.status == "pending" and self.expires_at <= now else self.status

    def is_accepted_by(self, user_id: UUID) -> bool:
        return user_id == self.first_accepted_by or (
            self.status == "accepted" and user_id == self.responded_by
        )

    def is_current_at(self, now: datetime) -> bool:
        return self.ended_at is None and self.status_at(now) in ("pending", "accepted")


@dataclass(kw_only=True)
class Search(Record):
    """What the search behind a match was based on."""

    match_id: UUID
    radius_miles: int
    candidate_travel_miles: int
    candidate_waiting_since: datetime
    candidate_exposures: int
    exposure_limit: int
    level_difference: int
    level_tolerance: int = 1
    rematch_after: timedelta


@dataclass(kw_only=True)
class Block(Record):
    blocker_id: UUID
    blocked_id: UUID
    created_at: datetime


@dataclass(kw_only=True)
class Report(Record):
    reporter_id: UUID
    subject_id: UUID
    reason: str
    created_at: datetime


@dataclass(kw_only=True)
class RateLimit(Record):
    """What somebody has spent of the reports that they may make."""

    user_id: UUID
    spent_until: datetime


@dataclass(kw_only=True)
class NoShowReport(Record):
    id: UUID
    session_id: UUID
    reporter_id: UUID
    accused_id: UUID
    reason: str
    note: str | None
    statement: str | None = None
    status: str
    created_at: datetime
    answer_by: datetime
    decide_by: datetime
    answered_at: datetime | None = None
    closed_at: datetime | None = None

    def status_at(self, now: datetime) -> str:
        undecided = self.status in ("open", "contested")
        return "lapsed" if undecided and self.decide_by <= now else self.status

    def is_undecided_at(self, now: datetime) -> bool:
        return self.status_at(now) in ("open", "contested")


@dataclass(kw_only=True)
class Suspension(Record):
    user_id: UUID
    ends_at: datetime | None
    created_at: datetime

    def is_in_force_at(self, now: datetime) -> bool:
        return self.ends_at is None or self.ends_at > now


@dataclass(kw_only=True)
class Session(Record):
    id: UUID
    match_id: UUID
    user1_id: UUID
    user2_id: UUID
    venue_name: str
    scheduled_time: datetime
    notes: str | None
    status: str = "scheduled"
    user1_completed_confirmed_by_user2: bool = False
    user2_completed_confirmed_by_user1: bool = False
    completed_at: datetime | None = None
    created_by: UUID
    started_by: UUID | None = None
    cancelled_by: UUID | None = None
    cancellation_reason: str | None = None
    reverted_at: datetime | None = None
    proposed_by: UUID
    proposed_at: datetime
    agreed_by: UUID | None = None
    agreed_at: datetime | None = None
    cancelled_at: datetime | None = None
    no_show_reported: bool = False
    created_at: datetime
    updated_at: datetime

    def is_confirmed_by(self, user_id: UUID) -> bool:
        if user_id == self.user1_id:
            return self.user2_completed_confirmed_by_user1
        return self.user1_completed_confirmed_by_user2

    def is_committed(self, user_id: UUID) -> bool:
        """Whether this one of the two has said yes to it as it stands."""
        said_yes = (self.proposed_by, self.agreed_by, self.started_by)
        return user_id in said_yes or self.is_confirmed_by(user_id)

    @property
    def is_active(self) -> bool:
        return self.status in ("scheduled", "in_progress")

    def row(self) -> dict[str, Any]:
        return {**super().row(), "is_active": self.is_active}


@dataclass(kw_only=True)
class ReputationEvent(Record):
    session_id: UUID | None
    user_id: UUID
    buddy_id: UUID | None
    kind: str
    delta: int
    completed_sessions: int
    no_shows: int
    created_at: datetime


@dataclass(kw_only=True)
class EarnedAchievement(Record):
    user_id: UUID
    name: str
    earned_at: datetime


@dataclass(kw_only=True)
class Decision(Record):
    """What an operator decided about a session or a user."""

    subject_id: UUID
    kind: str
    details: dict[str, Any]
    """Without moments, which do not grow older in a document."""
    reason: str
    decided_by: str
    created_at: datetime


@dataclass(kw_only=True)
class Event(Record):
    """Something that people are to be told."""

    kind: str
    match_id: UUID | None
    session_id: UUID | None
    user_id: UUID | None
    """Who did it or, if it is about no match, whom it is about."""
    about: datetime | None
    """Until when there is a point in telling it: the time that it sets."""
    occurred_at: datetime


@dataclass(kw_only=True)
class Reminder(Record):
    due_at: datetime
    kind: str
    match_id: UUID
    session_id: UUID | None
    about: datetime


@dataclass(kw_only=True)
class Notification(Record):
    id: UUID
    user_id: UUID
    kind: str
    match_id: UUID | None = None
    session_id: UUID | None = None
    due_at: datetime | None = None
    useful_until: datetime | None = None
    created_at: datetime
    read_at: datetime | None = None
    is_limited: bool = False

    @property
    def place(self) -> Any:
        return place_of(self.row())


def place_of(told: dict[str, Any]) -> Any:
    """Whose it is and, of a reminder, which one: what is told of events comes in their order."""
    about = told["session_id"] or told["match_id"]
    return told["user_id"], told["due_at"] and (told["kind"], about, told["due_at"])
