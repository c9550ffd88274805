"""The whole state of the model, and how to query it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import UUID

from records import (
    Block,
    Decision,
    EarnedAchievement,
    Event,
    Location,
    Match,
    NoShowReport,
    Notification,
    Profile,
    RateLimit,
    Reminder,
    Report,
    ReputationEvent,
    Search,
    Seeker,
    Session,
    Suspension,
)
from refusals import refuse, require, require_that

Answer = dict[str, Any]

REPORT_LIMIT = 3
"""As set for these tests: few enough to be met."""
REPORT_COST = timedelta(hours=24)


class State:
    """What happened so far. Dictionaries are by id, locations and seekers by user id."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        """``messages``: what people read, by kind of notification."""
        self.messages = messages
        self.accounts: set[UUID] = set()
        self.profiles: dict[UUID, Profile] = {}
        self.locations: dict[UUID, Location] = {}
        self.seekers: dict[UUID, Seeker] = {}
        self.matches: dict[UUID, Match] = {}
        self.searches: dict[UUID, Search] = {}
        self.sessions: dict[UUID, Session] = {}
        self.ledger: list[ReputationEvent] = []
        self.evaluated = 0
        self.earned: dict[tuple[UUID, str], EarnedAchievement] = {}
        self.decisions: list[Decision] = []
        self.blocks: dict[tuple[UUID, UUID], Block] = {}
        self.reports: list[Report] = []
        self.no_show_reports: dict[UUID, NoShowReport] = {}
        self.suspensions: dict[UUID, Suspension] = {}
        self.report_limits: dict[UUID, RateLimit] = {}
        self.untold: list[Event] = []
        self.reminders: dict[Any, Reminder] = {}
        self.notifications: dict[UUID, Notification] = {}
        self.acceptance = "either"
        self.notifications_per_day = 20
        self.now: datetime
        self.new_ids: Iterator[UUID]
        self.told_ids: Mapping[Any, Iterator[UUID]]

    def _happens(
        self,
        kind: str,
        match_id: UUID | None = None,
        session: Session | None = None,
        *,
        by: UUID | None,
        about: datetime | None = None,
    ) -> None:
        """Note what people are to be told: ``by`` is who did it, ``about`` the time that it sets, if any."""
        self.untold.append(
            Event(
                kind=kind,
                match_id=session.match_id if session else match_id,
                session_id=session.id if session else None,
                user_id=by,
                about=about,
                occurred_at=self.now,
            )
        )

    def _plan(self, reminder: Reminder) -> None:
        key = (reminder.due_at, reminder.kind, reminder.match_id, reminder.session_id)
        self.reminders.setdefault(key, reminder)

    def _own_match(self, me: UUID, match_id: UUID) -> Match:
        match = self.matches.get(match_id)
        if match is None:
            refuse("match_not_found")
        if me not in match.people:
            refuse("not_match_participant")
        return match

    def _own_session(self, me: UUID, session_id: UUID) -> Session:
        session = self.sessions.get(session_id)
        if session is None:
            refuse("session_not_found")
        if me not in self.matches[session.match_id].people:
            refuse("not_session_participant")
        return session

    def _matches_of(self, user_id: UUID) -> list[Match]:
        return [match for match in self.matches.values() if user_id in match.people]

    def _partners_of(self, user_id: UUID) -> set[UUID]:
        buddies = {m.buddy_of(user_id) for m in self._matches_of(user_id) if m.is_current_at(self.now)}
        return {buddy_id for buddy_id in buddies if not self._is_blocked(user_id, buddy_id)}

    def _is_blocked(self, one: UUID, other: UUID) -> bool:
        """A block applies to both people."""
        return (one, other) in self.blocks or (other, one) in self.blocks

    def _suspension_of(self, user_id: UUID) -> Suspension | None:
        suspension = self.suspensions.get(user_id)
        return suspension if suspension and suspension.is_in_force_at(self.now) else None

    def _require_not_suspended(self, user_id: UUID) -> None:
        if self._suspension_of(user_id):
            refuse("account_suspended")

    def _take_a_report(self, user_id: UUID) -> None:
        """Take one from the reports that somebody may make."""
        limit = self.report_limits.setdefault(user_id, RateLimit(user_id=user_id, spent_until=self.now))
        excess = limit.spent_until - self.now - (REPORT_LIMIT - 1) * REPORT_COST
        if excess > timedelta():
            refuse("rate_limited", retry_after=ceil(excess.total_seconds()))
        limit.spent_until = max(limit.spent_until, self.now) + REPORT_COST

    def _active_session(self, match: Match) -> Session | None:
        return next((s for s in self.sessions.values() if s.match_id == match.id and s.is_active), None)

    def _check_page(self, page_size: int) -> None:
        require(page_size=page_size)
        require_that(1 <= page_size <= 100, "page_size", "must be between 1 and 100")

    def _page(self, me: UUID, ids: list[UUID], before: UUID | None, page_size: int) -> list[UUID]:
        if me not in self.profiles:
            return []
        return sorted((i for i in ids if before is None or i < before), reverse=True)[:page_size]
